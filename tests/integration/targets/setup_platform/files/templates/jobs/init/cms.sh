# shellcheck shell=sh
echo cms >> /data/log
