"""What dockerd sets up for one bridge, br-hems, and two containers; 172.18.4.4 publishes 443.

`legacy` and `nft` iptables take the same text; Docker 29 makes native nf_tables of its own.
"""

from __future__ import annotations

NAT = """\
*nat
:PREROUTING ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
:DOCKER - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A POSTROUTING -s 172.18.4.0/24 ! -o br-hems -j MASQUERADE
-A DOCKER ! -i br-hems -p tcp -m tcp --dport 443 -j DNAT --to-destination 172.18.4.4:443
COMMIT
"""
PUBLISHED = "-A DOCKER -d 172.18.4.4/32 ! -i br-hems -o br-hems -p tcp -m tcp --dport 443 -j ACCEPT"
DOCKER_20 = f"""\
{NAT}*filter
:FORWARD DROP [0:0]
:DOCKER - [0:0]
:DOCKER-ISOLATION-STAGE-1 - [0:0]
:DOCKER-ISOLATION-STAGE-2 - [0:0]
:DOCKER-USER - [0:0]
-A FORWARD -j DOCKER-USER
-A FORWARD -j DOCKER-ISOLATION-STAGE-1
-A FORWARD -o br-hems -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -o br-hems -j DOCKER
-A FORWARD -i br-hems ! -o br-hems -j ACCEPT
-A FORWARD -i br-hems -o br-hems -j ACCEPT
{PUBLISHED}
-A DOCKER-ISOLATION-STAGE-1 -i br-hems ! -o br-hems -j DOCKER-ISOLATION-STAGE-2
-A DOCKER-ISOLATION-STAGE-1 -j RETURN
-A DOCKER-ISOLATION-STAGE-2 -o br-hems -j DROP
-A DOCKER-ISOLATION-STAGE-2 -j RETURN
-A DOCKER-USER -j RETURN
COMMIT
"""
DOCKER_28 = f"""\
{NAT}*raw
-A PREROUTING -d 172.18.4.2/32 ! -i br-hems -j DROP
-A PREROUTING -d 172.18.4.4/32 ! -i br-hems -j DROP
COMMIT
*filter
:FORWARD DROP [0:0]
:DOCKER - [0:0]
:DOCKER-BRIDGE - [0:0]
:DOCKER-CT - [0:0]
:DOCKER-FORWARD - [0:0]
:DOCKER-USER - [0:0]
-A FORWARD -j DOCKER-USER
-A FORWARD -j DOCKER-FORWARD
{PUBLISHED}
-A DOCKER ! -i br-hems -o br-hems -j DROP
-A DOCKER-BRIDGE -o br-hems -j DOCKER
-A DOCKER-CT -o br-hems -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A DOCKER-FORWARD -j DOCKER-CT
-A DOCKER-FORWARD -j DOCKER-BRIDGE
-A DOCKER-FORWARD -i br-hems -j ACCEPT
COMMIT
"""
DOCKER_29_NFT = """\
table ip docker-bridges {
    map filter-forward-in-jumps { type ifname : verdict; }
    map filter-forward-out-jumps { type ifname : verdict; }
    chain filter-forward-in__hems {
        ct state established,related counter accept
        iifname "br-hems" counter accept
        ip daddr 172.18.4.4 tcp dport 443 counter accept
        counter drop comment "UNPUBLISHED PORT DROP"
    }
    chain filter-forward-out__hems {
        counter accept
    }
    chain filter-FORWARD {
        type filter hook forward priority filter; policy accept;
        oifname vmap @filter-forward-in-jumps
        iifname vmap @filter-forward-out-jumps
    }
    chain raw-PREROUTING {
        type filter hook prerouting priority raw; policy accept;
        ip daddr 172.18.4.2 iifname != "br-hems" counter drop comment "DROP DIRECT ACCESS"
        ip daddr 172.18.4.4 iifname != "br-hems" counter drop comment "DROP DIRECT ACCESS"
    }
    chain nat-PREROUTING {
        type nat hook prerouting priority dstnat; policy accept;
        iifname != "br-hems" fib daddr type local tcp dport 443 counter dnat to 172.18.4.4:443
    }
    chain nat-POSTROUTING {
        type nat hook postrouting priority srcnat; policy accept;
        ip saddr 172.18.4.0/24 oifname != "br-hems" counter masquerade
    }
}
add element ip docker-bridges filter-forward-in-jumps { "br-hems" : jump filter-forward-in__hems }
add element ip docker-bridges filter-forward-out-jumps { "br-hems" : jump filter-forward-out__hems }
"""
