#!/bin/sh
# Count messages: three processes, which one signal to the shell does not end.
mosquitto_sub -h 127.0.0.1 -t words | tee -a /run/words | wc -l
