echo "mounted directories" >> /data/log
