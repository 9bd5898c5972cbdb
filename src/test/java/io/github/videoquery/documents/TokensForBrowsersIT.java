package io.github.videoquery.documents;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpServer;
import io.github.videoquery.simulation.Behaviour;
import io.github.videoquery.support.GatewayFixture;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The back ends of docs/clients.md that sign tokens for a page, run as they stand. */
class TokensForBrowsersIT {
  private static final String ISSUER = "https://back-end.example";

  @TempDir Path folder;
  private HttpServer published;
  private volatile String jwkSet = "";

  @BeforeEach
  void publish() throws Exception {
    published = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    published.createContext(
        "/",
        exchange -> {
          byte[] keys = jwkSet.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, keys.length);
          try (var body = exchange.getResponseBody()) {
            body.write(keys);
          }
        });
    published.start();
    String command = block("sh", "openssl genpkey");
    assertThat(run(List.of("sh", "-c", command))).isEmpty();
  }

  @AfterEach
  void stop() {
    published.stop(0);
  }

  private static String block(String language, String containing) {
    return Document.read("docs/clients.md").blocks(language).stream()
        .filter(block -> block.contains(containing))
        .findFirst()
        .orElseThrow();
  }

  private String run(List<String> command) throws Exception {
    var builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.environment().put("SIGNING_KEY", folder.resolve("signing-key.pem").toString());
    builder.environment().put("ISSUER", ISSUER);
    builder.redirectError(folder.resolve("errors").toFile());
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(folder.resolve("errors"))).isZero();
    return output.strip();
  }

  @Test
  void tokenSignedInPython_isForItsTasks() throws Exception {
    Path python = Path.of("/usr/bin/python3");
    assumeTrue(
        Files.isExecutable(python) && run(List.of(python.toString(), "-c", TRY)).equals("yes"),
        "python3-jwt is not installed");
    Files.writeString(folder.resolve("back_end.py"), block("python", "import jwt"));
    String begin = "import back_end; print(back_end.";
    jwkSet = run(List.of(python.toString(), "-c", begin + "jwk_set())"));

    assertIsForItsTasks(
        run(List.of(python.toString(), "-c", begin + "token('user-1', ['page:1', 'page:2']))")));
  }

  private static final String TRY =
      "import importlib.util as u; print('yes' if u.find_spec('jwt') and"
          + " u.find_spec('cryptography') else 'no')";

  @Test
  void tokenSignedInNode_isForItsTasks() throws Exception {
    Path node = Path.of("/usr/bin/node");
    assumeTrue(Files.isExecutable(node), "nodejs is not installed");
    Files.writeString(folder.resolve("back-end.mjs"), block("js", "createPrivateKey"));
    Files.writeString(
        folder.resolve("print.mjs"),
        """
        import * as end from './back-end.mjs';
        const [what, ...tasks] = process.argv.slice(2);
        console.log(what === 'keys' ? JSON.stringify(end.jwkSet()) : end.token('user-1', tasks));
        """);
    jwkSet = run(List.of(node.toString(), "print.mjs", "keys"));

    assertIsForItsTasks(run(List.of(node.toString(), "print.mjs", "token", "page:1", "page:2")));
  }

  private void assertIsForItsTasks(String token) throws Exception {
    try (GatewayFixture gateway =
        GatewayFixture.startInRealTime(
            "gateway.access.mode=jwt",
            "gateway.access.jwt.issuer-uri=" + ISSUER,
            "gateway.access.jwt.jwk-set-uri=http://127.0.0.1:" + published.getAddress().getPort(),
            "gateway.access.jwt.audiences=video-query",
            "gateway.access.jwt.tasks-claim=tasks")) {
      gateway.provider.answerEverything(
          Behaviour.json("{\"status\":\"completed\",\"video_url\":\"https://a.example/v.mp4\"}"));
      String bearer = "Bearer " + token;

      assertThat(gateway.get("id=page:1", "Authorization", bearer).statusCode()).isEqualTo(200);
      HttpResponse<byte[]> other = gateway.get("id=page:3", "Authorization", bearer);
      assertThat(other.statusCode()).isEqualTo(403);
      assertThat(text(other)).contains("The token names the tasks");
      assertThat(gateway.provider.calls()).hasSize(1);
      String stream =
          text(
              gateway.get(
                  "id=page:1&id=page:2&id=page:3",
                  "Authorization",
                  bearer,
                  "Accept",
                  "text/event-stream"));
      assertThat(stream)
          .contains(
              "{\"id\":\"page:1\",\"end\":\"finished\"}",
              "{\"id\":\"page:2\",\"end\":\"finished\"}",
              "{\"id\":\"page:3\",\"problem\":{")
          .endsWith("data: {}\n\n");
    }
  }

  private static String text(HttpResponse<byte[]> answer) {
    return new String(answer.body(), StandardCharsets.UTF_8);
  }
}
