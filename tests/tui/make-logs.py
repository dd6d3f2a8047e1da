"""The logs that tests of the terminal UI are about: the same bytes at every run.

edge: a gateway, two hours, a caller that runs away from 03:40 to 03:50, silent from 02:10 to 02:26; hostile and wide text in paths and agents.
pay: the service behind it, which logs the same calls again, and a few calls that went around the gateway.
usage: make-logs.py FOLDER
"""
import json, os, sys

START = 1773453600.0  # 2026-03-14T02:00:00Z
CLIENTS = ["web-portal", "acme-mobile", "globex-erp", "agent-42"]
ROUTES = [("GET", "/api/orders/{}"), ("POST", "/api/payments"), ("GET", "/api/payments/pay_{:06x}"), ("GET", "/api/customers/{}"), ("PUT", "/api/customers/{}/address")]
STATUSES = [200, 200, 200, 201, 200, 304, 404, 200, 200, 500, 200, 302, 200, 401, 200, 503]
ODD = ["/search/日本語のテキスト", "/search/e\u0301\u0301\u0301clair", "/a\x1b[31mred\x1b[0m", "/b\x1b]52;c;ZXZpbA==\x07", "/c\u009b2Jclear", "/d\u202eevil\u2066", "/e\x90\x9ddcs", "/f\r\n\tline"]

state = 7


def number(below):
    """A fixed sequence (Numerical Recipes' constants)."""
    global state
    state = (state * 1664525 + 1013904223) % 2**32
    return (state >> 8) % below


def calls():
    t = 0.0
    while t < 7200:
        yield t, CLIENTS[number(len(CLIENTS))], ROUTES[number(len(ROUTES))], STATUSES[number(len(STATUSES))]
        t += 4 + number(4000) / 1000
    for i in range(1500):
        yield 6000 + i * 0.4, "batch-7", ROUTES[2], 429 if i % 3 == 2 else 200
    for i, path in enumerate(ODD):
        yield 5400 + i * 0.5, "tester", ("GET", path), 200


def edge_line(i, t, client, method, path, status, trace):
    return {"time": "x", "msec": round(START + t, 3), "remote_addr": "10.20.0.%d" % (1 + number(9)), "remote_port": str(30000 + i), "consumer": client, "method": method, "uri": path,
            "protocol": "HTTP/1.1", "host": "api.example", "status": status, "bytes_sent": 300 + number(5000), "request_time": number(900) / 1000,
            "upstream_addr": "10.30.0.1:9000", "upstream_status": str(status), "user_agent": "shop/1.0", "request_id": "req-%06d" % i, "traceparent": "00-%s-%016x-01" % (trace, i + 1)}


def pay_line(i, t, method, path, status, trace):
    return {"time": START + t + 0.002, "peer": "10.30.0.9:%d" % (40000 + i), "method": method, "path": path, "status": status, "resp_body_bytes": number(3000),
            "request_id": "req-%06d" % i, "traceparent": "00-%s-%016x-01" % (trace, i + 1), "user_agent": "shop/1.0", "duration_ms": 1 + number(400)}


def main(folder):
    edge, pay = [], []
    for i, (t, client, (method, route), status) in enumerate(sorted(calls(), key=lambda c: c[0])):
        path, trace = route.format(1000 + number(40)) if "{" in route else route, "%032x" % (0xabcdef0123456789 * (i + 1))
        if not 600 <= t < 1560:
            edge.append(edge_line(i, t, client, method, path, status, trace))
        if "payments" in route and client != "batch-7":
            pay.append(pay_line(i, t, method, path, status, trace))
    pay.append({"method": "GET", "path": "/health", "status": 200, "peer": "10.30.0.9:1", "duration_ms": 1, "request_id": "no-time"})
    for name, lines in (("edge.log", edge), ("pay.log", pay)):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
            f.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    with open(os.path.join(folder, "collect.json"), "w", encoding="utf-8") as f:
        json.dump({"origins": [{"name": "edge", "kind": "gateway", "sources": [{"path": "edge.log"}]}, {"name": "pay", "kind": "service", "sources": [{"path": "pay.log"}]}]}, f)


main(sys.argv[1])
