echo cms >> /data/log
