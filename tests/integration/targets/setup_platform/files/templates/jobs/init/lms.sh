# shellcheck shell=sh
echo lms >> /data/log
echo "password is {{ SITE_PASSWORD }}"
