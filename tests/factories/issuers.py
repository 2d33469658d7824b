"""An OpenID Connect issuer of our own on the loopback address."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit


class Issuer(BaseHTTPRequestHandler):
    """Discovery, token and userinfo; whoever asks is ``server.person``. Browsers are forwarded to another host, as Entra forwards to ADFS."""

    def _answer(self, body):
        content = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _go(self, where):
        self.send_response(302)
        self.send_header("Location", where)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self):
        home = self.server.home
        if self.path == "/.well-known/openid-configuration":
            self._answer({"issuer": home, "authorization_endpoint": f"{home}/authorize", "token_endpoint": f"{home}/token", "userinfo_endpoint": f"{home}/me", "jwks_uri": f"{home}/keys"})
        elif self.path.startswith("/authorize?"):
            self._go(f"http://localhost:{self.server.server_port}/elsewhere{self.path.removeprefix('/authorize')}")
        elif self.path.startswith("/elsewhere?"):
            asked = parse_qs(urlsplit(self.path).query)
            self._go(f"{asked['redirect_uri'][0]}?{urlencode({'code': 'one-code', 'state': asked['state'][0]})}")
        elif self.path == "/me" and self.headers["Authorization"] == "Bearer one-token":
            self._answer(self.server.person)
        else:
            self.send_error(404)

    def do_POST(self):
        sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.server.asked.append(sent)
        if self.path == "/token" and sent["code"] == ["one-code"]:
            self._answer({"access_token": "one-token", "token_type": "Bearer", "expires_in": 60})
        else:
            self.send_error(400)

    def log_message(self, *args):
        pass


@contextmanager
def running(settings):
    """The issuer as a process of its own would be; ``settings`` of the site name it."""
    server = HTTPServer(("127.0.0.1", 0), Issuer)
    server.home = f"http://127.0.0.1:{server.server_port}"
    server.person, server.asked = {}, []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.OIDC_SERVER_URL = server.home
    app = {"provider_id": "sso", "name": "Kent account", "client_id": "mobilisation", "secret": "s", "settings": {"server_url": server.home, "token_auth_method": "client_secret_post"}}
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
