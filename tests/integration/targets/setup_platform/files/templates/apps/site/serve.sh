{% if SITE_STATUS == 200 -%}
exec httpd -f -p 80 -h /site
{%- else -%}
while :; do
  printf 'HTTP/1.1 {{ SITE_STATUS }} Bad\r\nContent-Length: 0\r\nConnection: close\r\n\r\n' | nc -l -p 80 >/dev/null
  echo "answered {{ SITE_STATUS }}"
done
{%- endif %}
