// What npm start promises.
import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { get, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { book } from "../../book.config.ts";
import { portFrom, serve } from "../../build/serve.ts";
import { run, temporary } from "./small-site.ts";

const serving = suite("build: npm start");

/** Status and body of a request with this raw path. */
function request(server: Server, path: string,
  headers: Record<string, string> = {}
): Promise<{ status: number; body: string }> {
  const { port } = server.address() as AddressInfo;
  return new Promise((settle) => {
    get({ host: "127.0.0.1", port, path, headers }, (response) => {
      let body = "";
      response
        .setEncoding("utf8")
        .on("data", (part: string) => (body += part))
        .on("end", () => settle({ status: response.statusCode ?? 0, body }));
    }).on("error", () => settle({ status: 0, body: "" }));
  });
}

serving("the site is served to this machine alone, and nothing beside it",
  async () => {
    const root = temporary();
    mkdirSync(join(root, "dist"));
    writeFileSync(join(root, "dist/index.html"), "the cover");
    writeFileSync(join(root, "secret"), "secret");
    const { server } = await serve(join(root, "dist"), 0);
    try {
      assert.is((server.address() as AddressInfo).address, "127.0.0.1");
      assert.is((await request(server, "/")).body, "the cover");
      for (
        const path of ["/../secret", "/%2e%2e/secret", "/..%2fsecret",
          "/nothing.html"]
      ) {
        assert.is((await request(server, path)).status, 404, path);
      }
    } finally {
      server.close();
    }
  });

serving("a request that makes no sense is answered, and the next one too",
  async () => {
    const root = temporary();
    for (const folder of ["dist", "dist-of-others"]) {
      mkdirSync(join(root, folder));
      writeFileSync(join(root, folder, "index.html"), folder);
    }
    const { server } = await serve(join(root, "dist"), 0);
    try {
      for (
        const path of ["/%E0", "/%00", "/../dist-of-others/index.html", "//",
          "/?%E0"]
      )
        assert.not.match((await request(server, path)).body, /others/u, path);
      assert.ok(
        (await request(server, "/index.html", { range: "bytes=3-1" })).status
          >= 0,
      );
      assert.is((await request(server, "/")).body, "dist");
    } finally {
      server.close();
    }
  });

serving("a port that is taken makes way for the next one", async () => {
  const taken = await serve(".", 0);
  const { port } = taken.server.address() as AddressInfo;
  const other = await serve(".", port);
  assert.ok((other.server.address() as AddressInfo).port > port);
  taken.server.close();
  other.server.close();
});

serving("the port is --port, else PORT, else 8080, and must be one", () => {
  assert.is(portFrom("81", { PORT: "82" }), 81);
  assert.is(portFrom(undefined, { PORT: "82" }), 82);
  assert.is(portFrom(undefined, {}), 8080);
  assert.throws(() => portFrom("eighty", {}), /"eighty" is no port/u);
});

serving("a step that fails ends npm start with its name", () => {
  const { status, stderr } = run("build/start.ts", [], {}, temporary());
  assert.is.not(status, 0);
  assert.match(stderr, /npm start: this step failed .*Tangling/u);
});

serving("after its steps npm start serves the book, and Ctrl-C ends it cleanly",
  async () => {
    const root = temporary();
    for (const folder of ["tangle", book.site]) mkdirSync(join(root, folder));
    writeFileSync(join(root, "tangle/run.mjs"),
      "console.log('step', process.argv[2]);");
    writeFileSync(join(root, book.site, "index.html"), "the cover");
    const [tool, entry] = [resolve("tangle/run.mjs"),
      resolve("build/start.ts")];
    const child = spawn(process.execPath, [tool, entry, "--port", "18080"], {
      cwd: root,
    });
    let output = "";
    const address = await new Promise<string>((settle) => {
      child.stdout.setEncoding("utf8").on("data", (part: string) => {
        output += part;
        const found = /http:\/\/localhost:\d+\//u.exec(output);
        if (found) settle(found[0]);
      });
      child.once("exit", () => settle(""));
    });
    assert.match(output,
      /tangle\/main\.ts[^]*build\/main\.ts[^]*command-line\/lguest\.ts/u);
    assert.is(
      await (await fetch(address.replace("localhost", "127.0.0.1"))).text(),
      "the cover",
    );
    child.kill("SIGINT");
    assert.is(await new Promise((settle) => child.once("exit", settle)), 0);
  });

serving.run();
