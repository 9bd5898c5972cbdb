package io.github.videoquery.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.videoquery.simulation.Behaviour;
import io.github.videoquery.support.AuthorizationServer;
import io.github.videoquery.support.Chromium;
import io.github.videoquery.support.GatewayFixture;
import io.github.videoquery.support.GatewayProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.chrome.ChromeDriver;

/** The board behind a prefix and a proxy that signs people in, and with tokens of a real issuer. */
class BoardInFrontIT {
  @TempDir static Path folder;

  private static @Nullable ChromeDriver chromium;

  @BeforeAll
  static void start() {
    chromium = Chromium.start();
    assumeTrue(chromium != null, "Chromium and its driver are not installed");
  }

  @AfterAll
  static void stop() {
    if (chromium != null) {
      chromium.quit();
    }
  }

  private static ChromeDriver browser() {
    return Objects.requireNonNull(chromium);
  }

  /** As an OAuth2 proxy does: a cookie lets a request pass, others are sent to the login. */
  @Test
  void boardBehindALogin_andAPrefix_needsNoKey_andSaysWhenTheLoginIsOver() throws Exception {
    int port = GatewayProcess.freePort();
    try (var gateway =
        GatewayFixture.startInRealTime(
            "gateway.cache.unfinished-ttl=100ms", "gateway.access.mode=none")) {
      gateway.provider.answer("inside", Behaviour.json("{\"status\":\"queued\"}"));
      Path file =
          Files.writeString(
              folder.resolve("nginx.conf"),
              """
              daemon off; pid %1$s/nginx.pid; error_log %1$s/nginx.log; events {}
              http {
                access_log off; client_body_temp_path %1$s/body; proxy_temp_path %1$s/proxy;
                fastcgi_temp_path %1$s/f; uwsgi_temp_path %1$s/u; scgi_temp_path %1$s/s;
                server {
                  listen 127.0.0.1:%2$d;
                  location = /signed-in { add_header Set-Cookie "session=valid; Path=/"; return 200 "signed in"; }
                  location /video/ {
                    if ($cookie_session != "valid") { return 302 http://login.invalid/; }
                    proxy_pass http://127.0.0.1:%3$d/;
                    proxy_http_version 1.1;
                    proxy_set_header X-Forwarded-Prefix /video;
                  }
                }
              }
              """
                  .formatted(folder, port, gateway.port()));
      Process nginx =
          new ProcessBuilder("nginx", "-c", file.toString())
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("output").toFile())
              .start();
      try {
        signInAndOut(new Board(browser(), "http://127.0.0.1:" + port + "/video/"), gateway);
      } finally {
        nginx.destroy();
        assertThat(nginx.waitFor(10, TimeUnit.SECONDS)).isTrue();
      }
    }
  }

  private static void signInAndOut(Board board, GatewayFixture gateway) throws Exception {
    String origin = board.address().replace("/video/", "");
    board.until(
        () -> {
          board.browser().get(origin + "/signed-in");
          return board.browser().getPageSource().contains("signed in");
        });
    board.open("inside");
    board.awaitState("inside", "Queued");
    gateway.provider.answer("inside", Behaviour.json("{\"status\":\"processing\"}"));
    board.awaitState("inside", "Processing");
    assertThat(board.find("#enter").isDisplayed()).isFalse();
    assertThat(board.browser().getCurrentUrl()).isEqualTo(board.address() + "?id=inside");
    assertThat(board.look("behind-a-login")).isEmpty();

    board.browser().manage().deleteAllCookies();
    board.add("late");
    board.awaitText("#notice .title", "You are not signed in any more");
    assertThat(board.look("signed-out")).isEmpty();
    board.find("#reload").click();
    board.until(() -> !board.browser().getCurrentUrl().contains("/video/")); // at the login
  }

  @Test
  void boardWithTokens_takesOne_andRefusesAnother() throws Exception {
    try (var issuer = new AuthorizationServer();
        var gateway =
            GatewayFixture.startInRealTime(
                "gateway.cache.unfinished-ttl=100ms",
                "gateway.access.mode=jwt",
                "gateway.access.jwt.issuer-uri=" + issuer.issuer(),
                "gateway.access.jwt.audiences=" + AuthorizationServer.AUDIENCE)) {
      gateway.provider.answer("tokens", Behaviour.json("{\"status\":\"queued\"}"));
      var board = new Board(browser(), "http://127.0.0.1:" + gateway.port() + "/");
      board.open("tokens");
      board.awaitText("#refusal", "requires an API key");
      board.enterKey("not-a-token");
      board.awaitText("#refusal", "not a signed JWT");
      board.enterKey("Bearer " + issuer.token("team-a"));

      board.awaitState("tokens", "Queued");
    }
  }
}
