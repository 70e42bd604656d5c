#!/bin/sh
# PowerDNS 4.5 or newer: the canary zone of check_dns_propagation, whose primary is the monitor (192.0.2.10).
# pdns.conf needs secondary=yes (up to 4.8 also slave=yes).
pdnsutil create-secondary-zone canary.example.com 192.0.2.10
