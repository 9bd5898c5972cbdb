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
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.logging.Level;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.Keys;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.support.ui.WebDriverWait;

/** The page for people in a real browser: Debian's Chromium, without a head. */
class PageTest {
  private static final double SPEED = 60;
  private static final Pattern REQUESTED =
      Pattern.compile("\"referrerPolicy\":\"[^\"]*\",\"url\":\"([^\"]*)\"");
  private static final Path SCREENSHOTS = Path.of("target", "screenshots");

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
    Files.createDirectories(SCREENSHOTS);
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

  @Test
  void task_isWatchedFromQueuedToTheVideo_andNothingElseLeavesTheOrigin() throws Exception {
    ChromeDriver chromium = browser();
    gateway.provider.answer("watched-1", Behaviour.json("{\"status\":\"queued\"}"));
    open(chromium, gateway);
    screenshot("start");
    chromium.findElement(By.cssSelector("#examples button[value=watched-1]")).click();
    awaitText(chromium, "#state", "queued");
    gateway.provider.answer("watched-1", Behaviour.json("{\"status\":\"video_generating\"}"));
    awaitText(chromium, "#state", "video_generating");
    screenshot("watching");
    gateway.provider.answer("watched-1", Behaviour.json(example()));
    awaitText(chromium, "#state.finished", "completed");

    WebElement video = chromium.findElement(By.id("video"));
    screenshot("finished");
    assertThat(video.isDisplayed()).isTrue();
    String url = video.getDomAttribute("src");
    assertThat(url).startsWith("https://");
    assertThat(chromium.findElement(By.id("raw")).getDomProperty("textContent"))
        .contains("\"status\": \"completed\"");
    assertThat(chromium.findElements(By.cssSelector("#stages li span")))
        .extracting(WebElement::getText)
        .containsExactly("queued", "video_generating", "completed");
    List<String> traffic = new ArrayList<>();
    await()
        .until(
            () -> {
              traffic.addAll(traffic(chromium));
              return requested(traffic).contains(url);
            });
    assertThat(requested(traffic))
        .contains(origin(gateway) + "/")
        .allMatch(target -> target.startsWith(origin(gateway)) || target.equals(url));
    assertThat(traffic).noneMatch(entry -> entry.contains(GatewayFixture.KEY));
    assertThat(errors(chromium)).allMatch(error -> error.contains(url));
  }

  @Test
  void failedTask_isShownAsFailed_byKeyboardAlone() {
    ChromeDriver chromium = browser();
    open(chromium, gateway);
    String id = "veo3:" + (Instant.now().getEpochSecond() - 600) + "-fail000009";

    chromium.findElement(By.tagName("body")).sendKeys(Keys.TAB);
    chromium.switchTo().activeElement().sendKeys(id, Keys.ENTER);

    awaitText(chromium, "#state.failed", "failed");
    assertThat(chromium.findElement(By.id("video")).isDisplayed()).isFalse();
  }

  @Test
  void key_isUsed_andNeverLeftAnywhere(@TempDir Path folder) throws Exception {
    ChromeDriver chromium = browser();
    Path clients = Files.writeString(folder.resolve("clients.yaml"), clients("a-callers-key"));
    try (var guarded =
        GatewayFixture.accelerated(
            SPEED,
            "gateway.cache.unfinished-ttl=80ms",
            "gateway.access.mode=api-key",
            "gateway.access.clients-file=" + clients)) {
      open(chromium, guarded);
      chromium.findElement(By.id("id")).sendKeys("veo3.1-fast:1770350082-done000001", Keys.ENTER);
      awaitText(chromium, "#problem", "Authorization");
      screenshot("problem");

      chromium.findElement(By.id("key")).sendKeys("a-callers-key", Keys.ENTER);

      awaitText(chromium, "#state", "completed");
      assertThat(chromium.getCurrentUrl()).isEqualTo(origin(guarded) + "/");
      assertThat(
              chromium.executeScript(
                  "return localStorage.length + sessionStorage.length + document.cookie"))
          .isEqualTo("0");
      assertThat(chromium.getPageSource()).doesNotContain("a-callers-key");
    }
  }

  @Test
  void page_readsWellInTheDark_andOnAPhone() throws Exception {
    ChromeDriver chromium = browser();
    chromium.executeCdpCommand(
        "Emulation.setEmulatedMedia",
        Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", "dark"))));
    chromium.manage().window().setSize(new Dimension(390, 844));
    open(chromium, gateway);
    chromium.findElement(By.cssSelector("#examples button")).click();
    awaitText(chromium, "#state", "completed");
    screenshot("dark-phone");

    String background = chromium.findElement(By.tagName("body")).getCssValue("background-color");
    Object overflow =
        chromium.executeScript(
            "return document.documentElement.scrollWidth - document.documentElement.clientWidth");

    chromium.executeCdpCommand("Emulation.setEmulatedMedia", Map.of("features", List.of()));
    chromium.manage().window().setSize(new Dimension(1280, 900));
    assertThat(background).contains("20, 24, 29");
    assertThat(overflow).isEqualTo(0L);
  }

  @Test
  void page_comesWithAStrictPolicy_andItsExamplesEscaped() throws Exception {
    HttpResponse<byte[]> page = gateway.send("GET", gateway.query("").resolve("/"));

    String html = new String(page.body(), StandardCharsets.UTF_8);
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
        .startsWith("default-src 'none'; script-src 'self' 'sha256-")
        .contains("media-src https:;", "connect-src 'self';", "frame-ancestors 'none'")
        .doesNotContain("unsafe");
    assertThat(html).contains("&lt;b&gt;").doesNotContain("{now}");
  }

  @Test
  void page_canBeSwitchedOff() throws Exception {
    try (var without = GatewayFixture.start("gateway.page.enabled=false")) {
      assertThat(without.send("GET", without.query("").resolve("/")).statusCode()).isEqualTo(404);
    }
  }

  private static String example() throws IOException {
    try (InputStream in = PageTest.class.getResourceAsStream("/provider/completed.json")) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static void open(ChromeDriver chromium, GatewayFixture of) {
    traffic(chromium);
    errors(chromium);
    chromium.get(origin(of) + "/");
  }

  private static String origin(GatewayFixture of) {
    return "http://127.0.0.1:" + of.port();
  }

  private static void awaitText(ChromeDriver chromium, String selector, String text) {
    new WebDriverWait(chromium, Duration.ofSeconds(20))
        .until(any -> chromium.findElement(By.cssSelector(selector)).getText().contains(text));
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

  private static void screenshot(String name) throws Exception {
    Files.write(SCREENSHOTS.resolve(name + ".png"), browser().getScreenshotAs(OutputType.BYTES));
  }

  private static String clients(String key) throws Exception {
    byte[] digest =
        MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
    return "clients:\n  - name: people\n    keys: [\"sha256:"
        + HexFormat.of().formatHex(digest)
        + "\"]\n";
  }
}
