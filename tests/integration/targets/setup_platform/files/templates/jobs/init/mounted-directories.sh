# shellcheck shell=sh
echo "mounted directories" >> /data/log
