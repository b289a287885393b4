"""OpenStack Swift with its S3 API, all of its servers in one process: an object store as others run it, signatures and all.

Usage: s3_server.py FOLDER PORT ACCESS_KEY SECRET. It prints "listens: PORT" when it does; 0 takes a free port. The key has to
look like "account:user". FOLDER has to be on a disk with extended attributes.
"""
import os
import sys
from time import time as now

import eventlet

eventlet.monkey_patch()

from eventlet import wsgi
from swift.common import utils

folder, port, key, secret = sys.argv[1:5]
os.makedirs(os.path.join(folder, "devices", "d1"), exist_ok=True)
swift_conf = os.path.join(folder, "swift.conf")
with open(swift_conf, "w") as f:
    f.write("[swift-hash]\nswift_hash_path_suffix = test\nswift_hash_path_prefix = test\n")
    # One replica; sizes as on AWS.
    f.write("[storage-policy:0]\nname = one\ndefault = yes\n")
utils.SWIFT_CONF_FILE = swift_conf
utils.validate_hash_conf()

from swift.account.server import app_factory as account
from swift.common.ring.builder import RingBuilder
from swift.common.storage_policy import reload_storage_policies
from swift.common.wsgi import loadapp
from swift.container.server import app_factory as container
from swift.obj.server import app_factory as obj

reload_storage_policies()
common = {
    "devices": os.path.join(folder, "devices"), "mount_check": "false", "swift_dir": folder, "log_level": "CRITICAL",
    "disable_fallocate": "true", "conn_timeout": "5",
}
quiet = open(os.devnull, "w")


def serve(app, on=0):
    socket = eventlet.listen(("127.0.0.1", on), backlog=1024)
    eventlet.spawn_n(wsgi.server, socket, app, log=quiet, log_output=False, keepalive=True, socket_timeout=60)
    return socket.getsockname()[1]


for kind, factory in (("account", account), ("container", container), ("object", obj)):
    ring = RingBuilder(4, 1, 1)
    ring.add_dev({
        "id": 0, "region": 1, "zone": 1, "ip": "127.0.0.1", "port": serve(factory({}, **common)), "device": "d1",
        "weight": 1, "replication_ip": "127.0.0.1", "replication_port": 0, "meta": "",
    })
    ring.rebalance(seed=1)
    ring.get_ring().save(os.path.join(folder, kind + ".ring.gz"))


class Cache:
    """What memcached would keep; Swift asks for one."""

    def __init__(self):
        self.kept = {}

    def get(self, name, *args, **options):
        value, until = self.kept.get(name, (None, 0))
        return value if now() < until else None

    def set(self, name, value, serialize=True, time=0, **options):
        self.kept[name] = (value, now() + (time or 3600))

    def incr(self, name, delta=1, time=0, **options):
        value = (self.get(name) or 0) + delta
        self.set(name, value, time=time)
        return value

    def delete(self, name, *args, **options):
        self.kept.pop(name, None)


account_name, user = key.split(":")
proxy_conf = os.path.join(folder, "proxy-server.conf")
with open(proxy_conf, "w") as f:
    f.write("""[DEFAULT]
swift_dir = %s
log_level = CRITICAL
[pipeline:main]
pipeline = catch_errors gatekeeper s3api tempauth copy slo dlo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:gatekeeper]
use = egg:swift#gatekeeper
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
storage_domain = localhost
[filter:tempauth]
use = egg:swift#tempauth
user_%s_%s = %s .admin
[filter:copy]
use = egg:swift#copy
[filter:slo]
use = egg:swift#slo
[filter:dlo]
use = egg:swift#dlo
""" % (folder, account_name, user, secret))
proxy = loadapp(proxy_conf)
cache = Cache()


def cached(env, start_response):
    env["swift.cache"] = cache
    return proxy(env, start_response)


listens = serve(cached, int(port))
print("listens: %d" % listens, flush=True)
# Whoever started it has gone when nothing more can be read.
eventlet.tpool.execute(sys.stdin.read)
