package io.github.videoquery.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.videoquery.simulation.Behaviour;
import io.github.videoquery.support.Chromium;
import io.github.videoquery.support.GatewayFixture;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.logging.Level;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;

/** The page for people in a real browser: Debian's Chromium, without a head. */
class PageTest {
  private static final double SPEED = 60;
  private static final Pattern REQUESTED =
      Pattern.compile("\"referrerPolicy\":\"[^\"]*\",\"url\":\"([^\"]*)\"");

  private static GatewayFixture gateway;
  private static @Nullable ChromeDriver browser;

  @BeforeAll
  static void start() throws Exception {
    gateway =
        GatewayFixture.accelerated(
            SPEED,
            "gateway.cache.unfinished-ttl=80ms",
            "gateway.page.examples=veo3.1-fast:{now}-demo000001,veo3:{now}-fail000001,watched-1,<b>");
    browser = Chromium.start();
  }

  @AfterAll
  static void stop() {
    if (browser != null) {
      browser.quit();
    }
    gateway.close();
  }

  private static ChromeDriver browser() {
    assumeTrue(browser != null, "Chromium and its driver are not installed");
    return Objects.requireNonNull(browser);
  }

  /** The video's host gets a request for the video, without an address that holds ids. */
  @Test
  void finishedTask_isShown_andNothingButTheVideoLeavesTheOrigin() throws Exception {
    ChromeDriver chromium = browser();
    gateway.provider.answer("watched-1", Behaviour.json(example()));
    traffic(chromium);
    errors(chromium);
    var board = new Board(chromium, origin() + "/");
    board.open();
    board.find("#examples button[value=watched-1]").click();
    board.awaitState("watched-1", "Finished");

    WebElement video = board.part("watched-1", "video");
    board.until(() -> video.getDomAttribute("src") != null);
    String url = video.getDomAttribute("src");
    assertThat(url).startsWith("https://");
    List<String> traffic = new ArrayList<>();
    await()
        .until(
            () -> {
              traffic.addAll(traffic(chromium));
              return requested(traffic).contains(url);
            });
    assertThat(requested(traffic))
        .contains(origin() + "/", origin() + "/board.js", origin() + "/board.css")
        .allMatch(target -> target.startsWith(origin()) || target.equals(url));
    assertThat(traffic).noneMatch(entry -> entry.contains(GatewayFixture.KEY));
    assertThat(traffic)
        .filteredOn(entry -> entry.contains(url))
        .noneMatch(entry -> entry.contains("\"Referer\":\"http"));
    assertThat(errors(chromium)).allMatch(error -> error.contains(url));
  }

  @Test
  void page_comesWithAStrictPolicy_andItsExamplesEscaped() throws Exception {
    HttpResponse<byte[]> page = gateway.send("GET", gateway.query("").resolve("/"));

    String html = new String(page.body(), StandardCharsets.UTF_8);
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
        .startsWith("default-src 'none'; script-src 'self'; style-src 'self';")
        .contains("media-src https:;", "connect-src 'self';", "frame-ancestors 'none'")
        .doesNotContain("unsafe");
    assertThat(html).contains("&lt;b&gt;").doesNotContain("{now}");
  }

  @Test
  void page_canBeSwitchedOff() throws Exception {
    try (var without = GatewayFixture.start("gateway.page.enabled=false")) {
      for (String file : List.of("", "board.js", "board.css")) {
        assertThat(without.send("GET", without.query("").resolve("/" + file)).statusCode())
            .as(file)
            .isEqualTo(404);
      }
      assertThat(without.send("GET", without.query("").resolve("/watch.js")).statusCode())
          .as("other pages use it")
          .isEqualTo(200);
    }
  }

  private static String example() throws IOException {
    try (InputStream in = PageTest.class.getResourceAsStream("/provider/completed.json")) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static String origin() {
    return "http://127.0.0.1:" + gateway.port();
  }

  private static List<String> traffic(ChromeDriver chromium) {
    List<String> entries = new ArrayList<>();
    chromium.manage().logs().get(LogType.PERFORMANCE).forEach(e -> entries.add(e.getMessage()));
    return entries;
  }

  /** Without the pictures that the browser brings along for the video's controls. */
  private static List<String> requested(List<String> traffic) {
    return traffic.stream()
        .filter(entry -> entry.contains("\"Network.requestWillBeSent\""))
        .flatMap(entry -> REQUESTED.matcher(entry).results())
        .map(found -> found.group(1))
        .filter(target -> !target.startsWith("data:"))
        .toList();
  }

  private static List<String> errors(ChromeDriver chromium) {
    return chromium.manage().logs().get(LogType.BROWSER).getAll().stream()
        .filter(entry -> entry.getLevel().intValue() >= Level.WARNING.intValue())
        .map(LogEntry::getMessage)
        .toList();
  }
}
