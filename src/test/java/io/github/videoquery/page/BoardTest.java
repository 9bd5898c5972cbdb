package io.github.videoquery.page;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.videoquery.simulation.Behaviour;
import io.github.videoquery.simulation.SimulatedProvider;
import io.github.videoquery.support.Chromium;
import io.github.videoquery.support.GatewayFixture;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.support.Color;

/** The board of tasks in Debian's Chromium. Its pictures are kept in {@code target/screenshots}. */
class BoardTest {
  private static final String REASON =
      "Your request contains unsafe prompt or images. Please change your prompt and try again.";

  private static final AtomicInteger NEXT = new AtomicInteger();

  private static GatewayFixture gateway;
  private static @Nullable ChromeDriver chromium;
  private Board board;

  @BeforeAll
  static void start() {
    gateway =
        GatewayFixture.startInRealTime(
            "gateway.cache.unfinished-ttl=100ms", "gateway.wait.heartbeat=1s");
    chromium = Chromium.start();
  }

  @AfterAll
  static void stop() {
    if (chromium != null) {
      chromium.quit();
    }
    gateway.close();
  }

  @BeforeEach
  void browser() {
    board = board(gateway);
    board.dark(false);
    board.unsize();
  }

  private static Board board(GatewayFixture of) {
    assumeTrue(chromium != null, "Chromium and its driver are not installed");
    return new Board(Objects.requireNonNull(chromium), "http://127.0.0.1:" + of.port() + "/");
  }

  private static Behaviour status(String status, String more) {
    return Behaviour.json("{\"status\":\"" + status + "\"" + more + "}");
  }

  private static Behaviour finished() {
    return status(
        "completed",
        """
        ,"video_url":"https://cdn.invalid/v.mp4","detail":{"created_at":1770350082099,"completed_at":1770350328994,
        "req":{"model":"veo3.1-fast","prompt":"A cat\\nwith a hat"},"error_message":"[403] a try that failed"}\
        """);
  }

  private static Behaviour failed() {
    return status("failed", ",\"detail\":{\"error_message\":\"" + REASON + "\"}");
  }

  /** Who opens the page for the first time. */
  @Test
  void emptyBoard_saysWhatItIs_andTakesAnId() throws Exception {
    board.open();
    assertThat(board.look("empty")).isEmpty();
    assertThat(board.find("#empty").getText()).contains("follows video tasks", "colleague");
    assertThat(board.find("#enter").isDisplayed()).as("nobody asks for a key").isFalse();
    assertThat(board.find("#tools").isDisplayed()).isFalse();

    board.add("");
    board.awaitText("#mistake", "Enter the id of a task.");
    board.add("bad\u00e9id");
    board.awaitText("#mistake", "is no task id: character 4 is not visible ASCII.");
    assertThat(board.look("mistake")).isEmpty();
  }

  @Test
  void task_isFollowedToItsVideo() throws Exception {
    gateway.provider.answer("one", status("queued", ""));
    board.open();
    board.add("one");
    board.awaitState("one", "Queued");
    gateway.provider.answer("one", status("video_generating", ",\"progress\":\"40%\""));
    board.awaitState("one", "Video generating");
    assertThat(board.part("one", "progress").getDomProperty("value")).isEqualTo("40");
    assertThat(board.look("one-under-way")).isEmpty();
    gateway.provider.answer("one", finished());
    board.awaitState("one", "Finished");

    assertThat(board.part("one", ".stages").findElements(By.tagName("span")))
        .extracting(WebElement::getText)
        .containsExactly("Queued", "Video generating", "Completed");
    assertThat(board.part("one", ".facts").getText()).contains("Finished at", "after 4 min 7 s");
    assertThat(board.part("one", ".reason").isDisplayed()).as("a try is no reason").isFalse();
    assertThat(board.part("one", ".open").getDomProperty("href"))
        .isEqualTo("https://cdn.invalid/v.mp4");
    board.until(() -> board.part("one", ".unplayable").isDisplayed());
    assertThat(board.part("one", ".unplayable").getText()).contains("cannot be shown here");
    board.part("one", ".about summary").click();
    assertThat(board.part("one", ".about").getText()).contains("veo3.1-fast", "A cat\nwith a hat");
    board.part("one", ".answer summary").click();
    assertThat(board.part("one", "pre").getText()).startsWith("{\"status\":\"completed\"");
    assertThat(board.browser().getTitle()).isEqualTo("(1/1) Video tasks");
    assertThat(board.look("one-finished")).isEmpty();
  }

  @Test
  void failedTask_saysWhy() throws Exception {
    gateway.provider.answer("broken", failed());
    board.open("broken");
    board.awaitState("broken", "Failed");

    assertThat(board.part("broken", ".reason").getText()).isEqualTo(REASON);
    assertThat(board.part("broken", ".video").isDisplayed()).isFalse();
    assertThat(board.look("failed")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'status':'failed','error':'out of luck'}|out of luck",
        "{'status':'failed','error':{'code':'moderation','message':'unsafe'}}|unsafe",
        "{'status':'failed','error':{'code':'moderation'}}|moderation",
        "{'code':'success','data':{'task_id':'x','status':'FAILURE','fail_reason':'no credits'}}|no"
            + " credits",
        "{'code':0,'data':{'task_id':'x','task_status':'failed','task_status_msg':'too long'}}|too"
            + " long",
        "{'status':'failed','detail':{'error_message':'','video_generation_error':'unsafe"
            + " prompt'}}|unsafe prompt",
        "{'code':0,'message':'SUCCEED','data':{'task_id':'x','task_status':'failed'}}|The provider"
            + " gives no reason.",
        "{'status':'failed','errors':['bad frame']}|bad frame",
        "{'status':'failed','detail':'no face found'}|no face found",
        "{'status':'failed'}|The provider gives no reason.",
      })
  void reason_isFound_inEachShape(String answer, String reason) {
    String id = "why" + NEXT.incrementAndGet();
    gateway.provider.answer(
        id, Behaviour.json(answer.replace('\'', '"').replace("\"x\"", "\"" + id + "\"")));
    board.open(id);
    board.awaitState(id, "Failed");

    assertThat(board.part(id, ".reason").getText()).isEqualTo(reason);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'status':'completed','metadata':{'url':'L'}}|L",
        "{'code':'success','data':{'status':'SUCCESS','progress':'100%','fail_reason':'L'}}|L",
        "{'status':'succeeded','data':{'status':'completed','output':['L'],'input':{'image_url':'https://a/i.png'}}}|L",
        "{'task_status':'succeed','task_result':{'videos':[{'cover_url':'https://a/c.png','url':'L'}]}}|L",
        "{'status':'completed','video_url':'https://a/low.mp4','detail':{'video_url':'L','upsample_video_url':'x'}}|https://a/low.mp4",
      })
  void link_isFound_inEachShape(String answer, String expected) {
    String id = "link" + NEXT.incrementAndGet();
    String link = "https://cdn.invalid/" + id + ".mp4";
    gateway.provider.answer(
        id, Behaviour.json(answer.replace('\'', '"').replace("\"L\"", "\"" + link + "\"")));
    board.open(id);
    board.awaitState(id, "Finished");

    assertThat(board.part(id, ".open").getDomProperty("href"))
        .isEqualTo(expected.equals("L") ? link : expected);
  }

  /** The address is all that a colleague needs. */
  @Test
  void sevenTasks_areKeptInTheAddress_theNewestFirst_onOneStream() throws Exception {
    gateway.provider.answer("seven-1", finished());
    gateway.provider.answer("seven-2", failed());
    for (int i = 3; i <= 7; i++) {
      gateway.provider.answer("seven-" + i, status("processing", ",\"progress\":" + 10 * i));
    }
    board.open();
    board.add("seven-1 seven-2, seven-3");
    board.awaitState("seven-1", "Finished");
    board.add("https://elsewhere.example/video/?id=seven-4&id=seven-5#x");
    board.add("seven-6;seven-7");
    board.awaitState("seven-7", "Processing");
    List<String> order = Stream.of(6, 7, 4, 5, 1, 2, 3).map(i -> "seven-" + i).toList();

    assertThat(board.ids()).isEqualTo(order);
    assertThat(board.browser().getCurrentUrl())
        .isEqualTo(board.address() + "?id=" + String.join("&id=", order));
    assertThat(board.browser().getTitle()).isEqualTo("(2/7) Video tasks");
    assertThat(board.find("#summary").getText()).isEqualTo("2 of 7 done");
    assertThat(board.look("seven")).isEmpty();
    board.browser().navigate().refresh();
    board.awaitState("seven-2", "Failed");
    board.awaitState("seven-7", "Processing");
    assertThat(board.ids()).isEqualTo(order);
    board.until(() -> watched() == 7); // one stream: those of pages that were left have ended

    board.part("seven-7", ".stop").click();
    assertThat(board.ids()).doesNotContain("seven-7");
    assertThat(board.browser().getCurrentUrl()).doesNotContain("seven-7");
    assertThat(board.browser().switchTo().activeElement().getAccessibleName())
        .isEqualTo("Stop watching seven-4");
    board.find("#clear").click();
    assertThat(board.ids()).isEmpty();
    assertThat(board.browser().getCurrentUrl()).isEqualTo(board.address());
    assertThat(board.find("#empty").isDisplayed()).isTrue();
    board.browser().navigate().back();
    board.until(() -> board.ids().size() == 6);
  }

  @Test
  void address_withIdsThatAreWrong_showsTheOthers() throws Exception {
    gateway.provider.answer("right", finished());
    board.open("%3Cimg%20src=x%20onerror=alert(1)%3E", "right", "x".repeat(1025));

    board.awaitState("right", "Finished");
    assertThat(board.ids()).containsExactly("right");
    assertThat(board.find("#mistake").getText())
        .contains(
            "\u201c<img src=x onerror=alert(1)>\u201d is no task id", "it has 1025 characters");
    assertThat(board.look("wrong-address")).isEmpty();
    board.open(IntStream.range(0, 60).mapToObj(i -> "right" + i).toArray(String[]::new));
    board.until(() -> board.ids().size() == 50);
    assertThat(board.find("#mistake").getText()).contains("The address holds 60 ids.");
  }

  @Test
  void stageThatFailed_isNotTakenForTheEnd() {
    gateway.provider.answer("again", status("video_generation_failed", ""));
    board.open("again");
    board.awaitState("again", "Video generation failed (not final)");
    gateway.provider.answer("again", finished());
    board.awaitState("again", "Finished");
  }

  private static double watched() {
    try {
      return gateway.metric("gateway_waiters", "kind=\"watch\"");
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void thirtyTasks_areOneStream_andMoreThanTheLimitAreRefused() throws Exception {
    String[] ids = IntStream.range(0, 30).mapToObj(i -> "thirty-" + i).toArray(String[]::new);
    for (int i = 0; i < ids.length; i++) {
      gateway.provider.answer(
          ids[i], i % 10 == 3 ? failed() : i % 3 == 0 ? finished() : status("processing", ""));
    }
    board.open(ids);
    board.awaitText("#summary", "12 of 30 done");
    board.awaitState("thirty-29", "Processing");
    board.resize(1600, 1000);
    assertThat(board.look("thirty-wide")).isEmpty();
    assertThat(board.overflow()).isZero();
    board.add(String.join(" ", IntStream.range(0, 21).mapToObj(i -> "more-" + i).toList()));

    board.awaitText("#mistake", "A board holds at most 50 tasks; with these it would hold 51.");
    assertThat(board.ids()).hasSize(30);
    gateway.provider.answer("thirty-29", finished());
    board.awaitState("thirty-29", "Finished");
    assertThat(board.browser().getTitle()).isEqualTo("(13/30) Video tasks");
    assertThat(board.find("#announcements").getDomProperty("textContent"))
        .endsWith("Finished: thirty-29");
  }

  @Test
  void providerThatFails_isSaid_withTheRequestId_andWhenItIsTriedAgain() throws Exception {
    gateway.provider.answer("failing", Behaviour.error(500, "no", "x", ""));
    board.open("failing");
    board.awaitText("#notice .title", "provider");
    board.awaitText("#again", "Trying again");
    assertThat(board.find("#notice .detail").getText()).isNotBlank();
    assertThat(board.find("#notice code").getText()).matches("[0-9a-f]{32}");
    assertThat(board.look("provider-fails")).isEmpty();
    gateway.provider.answer("failing", finished());
    board.awaitState("failing", "Finished");
    assertThat(board.find("#notice").isDisplayed()).isFalse();
  }

  @Test
  void gatewayThatIsGone_isSaid_untilItIsBack() throws Exception {
    GatewayFixture brief = GatewayFixture.startInRealTime("gateway.cache.unfinished-ttl=100ms");
    int port = brief.port();
    int management = brief.managementPort();
    Board there = board(brief);
    brief.provider.answer("gone", status("queued", ""));
    there.open("gone");
    there.awaitState("gone", "Queued");
    brief.close();
    there.awaitText("#notice .title", "The gateway cannot be reached");
    there.awaitText("#again", "Trying again");
    assertThat(there.find("#retry").isDisplayed()).isTrue();
    assertThat(there.look("gateway-gone")).isEmpty();
    // the page connects as soon as the port is open: the answer is there before
    try (SimulatedProvider ready = SimulatedProvider.start()) {
      ready.answer("gone", status("processing", ""));
      try (var _ =
          GatewayFixture.startInRealTime(
              "gateway.cache.unfinished-ttl=100ms",
              "server.port=" + port,
              "management.server.port=" + management,
              "gateway.upstream.base-url=" + ready.baseUrl())) {
        there.until(() -> !there.find("#notice").isDisplayed());
        there.awaitState("gone", "Processing");
      }
    }
  }

  /** The cursor of a stream of several tasks says that the problem was sent, so it comes once. */
  @Test
  void problemThatLasts_staysOnItsCard_whenTheStreamIsRenewed() throws Exception {
    GatewayFixture first = failingFor("fails");
    int port = first.port();
    Board there = board(first);
    there.open("over", "fails");
    there.awaitState("over", "Finished");
    there.until(() -> there.part("fails", ".problem").isDisplayed());
    first.close();
    there.awaitText("#notice .title", "The gateway cannot be reached");
    try (SimulatedProvider ready = SimulatedProvider.start()) {
      ready.answer("over", finished());
      ready.answer("fails", Behaviour.error(500, "panic", "new_api_error", ""));
      try (GatewayFixture _ =
          failingFor(
              "fails", "server.port=" + port, "gateway.upstream.base-url=" + ready.baseUrl())) {
        there.until(() -> !there.find("#notice").isDisplayed());

        assertThat(there.part("fails", ".problem").isDisplayed()).isTrue();
        ready.answer("fails", status("processing", ""));
        there.awaitState("fails", "Processing");
        assertThat(there.part("fails", ".problem").isDisplayed()).isFalse();
      }
    }
  }

  private static GatewayFixture failingFor(String id, String... settings) {
    GatewayFixture failing =
        GatewayFixture.startInRealTime(
            Stream.concat(
                    Stream.of("gateway.cache.unfinished-ttl=100ms", "gateway.wait.heartbeat=1s"),
                    Stream.of(settings))
                .toArray(String[]::new));
    failing.provider.answer("over", finished());
    failing.provider.answer(id, Behaviour.error(500, "panic", "new_api_error", ""));
    return failing;
  }

  @Test
  void unknownTask_isSaidOnItsCard_whetherAloneOrNot() throws Exception {
    String unknown = "veo3:1770350082-unknown001";
    gateway.provider.answer("known", finished());
    board.open(unknown, "known");
    board.awaitState(unknown, "Unknown to the provider");
    assertThat(board.part(unknown, ".problem").getText()).contains("Request id:");
    assertThat(board.look("unknown")).isEmpty();
    board.open(unknown);
    board.awaitState(unknown, "Unknown to the provider");
    assertThat(board.find("#notice").isDisplayed()).isFalse();
  }

  @Test
  void key_isAskedForWhereNeeded_checked_usedAndNeverKept(@TempDir Path folder) throws Exception {
    Path clients =
        Files.writeString(
            folder.resolve("clients.yaml"),
            "clients: [{name: people, keys: [\"%s\"], models: [\"veo*\"]}]"
                .formatted(GatewayFixture.hash("a-callers-key")));
    try (var guarded =
        GatewayFixture.startInRealTime(
            "gateway.cache.unfinished-ttl=100ms",
            "gateway.access.mode=api-key",
            "gateway.access.clients-file=" + clients)) {
      guarded.provider.answer("veo3:mine", status("queued", ""));
      Board there = board(guarded);
      there.open("veo3:mine", "sora-2:1770350082-x");
      there.awaitText("#refusal", "requires an API key");
      assertThat(there.browser().switchTo().activeElement()).isEqualTo(there.find("#key"));
      assertThat(there.look("no-key")).isEmpty();
      there.enterKey("a-callers-k\u00ebyy");
      there.awaitText("#refusal", "Character 12 of the key is not visible ASCII.");
      there.enterKey("a-wrong-key");
      there.awaitText("#refusal", "unknown");
      assertThat(there.look("wrong-key")).isEmpty();
      there.enterKey("Authorization: Bearer a-callers-key");
      there.awaitState("veo3:mine", "Queued");
      there.awaitState("sora-2:1770350082-x", "Not allowed");

      assertThat(there.find("#enter").isDisplayed()).isFalse();
      assertThat(there.look("forbidden")).isEmpty();
      assertThat(there.browser().getCurrentUrl()).doesNotContain("key");
      assertThat(
              there
                  .browser()
                  .executeScript(
                      "return localStorage.length + sessionStorage.length + document.cookie"))
          .isEqualTo("0");
      assertThat(there.browser().getPageSource()).doesNotContain("a-callers-key");
      assertThat(there.find("#key").getDomProperty("value")).isEmpty();
      there.open("sora-2:1770350082-x");
      there.awaitText("#refusal", "requires an API key");
      there.enterKey("a-callers-key");
      there.awaitState("sora-2:1770350082-x", "Not allowed");
      assertThat(there.find("#enter").isDisplayed()).as("the key was accepted").isFalse();
    }
  }

  @Test
  void linkAndAddress_areCopied() {
    gateway.provider.answer("copied", finished());
    allow("clipboardReadWrite");
    board.open("copied");
    board.awaitState("copied", "Finished");
    board.part("copied", ".link").click();
    board.until(() -> board.part("copied", ".link").getText().equals("Copied"));
    assertThat(clipboard()).isEqualTo("https://cdn.invalid/v.mp4");
    board.find("#share").click();
    board.awaitText("#share", "Copied");
    assertThat(clipboard()).isEqualTo(board.address() + "?id=copied");
  }

  private Object clipboard() {
    return Objects.requireNonNull(
        board
            .browser()
            .executeAsyncScript(
                "const done = arguments[0]; navigator.clipboard.readText().then(done, e =>"
                    + " done(String(e)));"));
  }

  private void allow(String permission) {
    board
        .browser()
        .executeCdpCommand(
            "Browser.grantPermissions",
            Map.of(
                "origin",
                "http://127.0.0.1:" + gateway.port(),
                "permissions",
                List.of(permission)));
  }

  /** Only for a task that ended while the page was open, and only in the background. */
  @Test
  void notification_isShown_whenATaskEndsInTheBackground() {
    gateway.provider.answer("seen", status("queued", ""));
    gateway.provider.answer("ended", finished());
    allow("notifications");
    board.open();
    board
        .browser()
        .executeScript(
            """
            window.shown = [];
            const Real = window.Notification;
            window.Notification = class { constructor(title) { window.shown.push(title); } };
            window.Notification.permission = Real.permission;
            Object.defineProperty(document, 'hidden', {get: () => true});
            """);
    assertThat(board.find("#notify").isDisplayed()).as("it is allowed already").isFalse();
    board.add("seen ended");
    board.awaitState("seen", "Queued");
    board.awaitState("ended", "Finished");
    gateway.provider.answer("seen", finished());
    board.awaitState("seen", "Finished");

    assertThat(board.browser().executeScript("return window.shown"))
        .isEqualTo(List.of("Finished: seen"));
  }

  @Test
  void board_isUsedByKeyboardAlone() {
    gateway.provider.answer("typed", finished());
    board.open();
    assertThat(board.browser().switchTo().activeElement()).isEqualTo(board.find("#ids"));
    board.browser().switchTo().activeElement().sendKeys("typed", Keys.ENTER);
    board.awaitState("typed", "Finished");
    board.until(() -> board.part("typed", ".unplayable").isDisplayed());
    for (int i = 0; i < 40 && !focused().equals("Stop watching typed"); i++) {
      board.browser().switchTo().activeElement().sendKeys(Keys.TAB);
      assertThat(board.browser().switchTo().activeElement().getCssValue("outline-style"))
          .as("outline of " + focused())
          .isNotEqualTo("none");
    }
    board.browser().switchTo().activeElement().sendKeys(Keys.SPACE);

    assertThat(board.ids()).isEmpty();
    assertThat(board.browser().switchTo().activeElement()).isEqualTo(board.find("#ids"));
  }

  private String focused() {
    return String.valueOf(board.browser().switchTo().activeElement().getAccessibleName());
  }

  /** 320 is what is left of 1,280 at a zoom of 400%. */
  @ParameterizedTest
  @CsvSource({"390,false", "390,true", "640,false", "320,true", "1600,true"})
  void board_readsWell_onEachWidth_lightAndDark(int width, boolean isDark) throws Exception {
    String unknown = "veo3.1-fast-with-a-long-name:1770350082-" + "x".repeat(60);
    gateway.provider.answer("wide-1", finished());
    gateway.provider.answer("wide-2", failed());
    gateway.provider.answer("wide-3", status("video_upsampling", ",\"progress\":70"));
    gateway.provider.answer(unknown, status("queued", ""));
    board.dark(isDark);
    board.resize(width, 900);
    board.open("wide-1", "wide-2", "wide-3", unknown);
    board.awaitState("wide-1", "Finished");
    board.awaitState(unknown, "Queued");
    String name = (isDark ? "dark-" : "light-") + width;
    java.awt.Color background =
        Color.fromString(board.find("body").getCssValue("background-color")).getColor();
    assertThat(background.getGreen() < 64).as(background.toString()).isEqualTo(isDark);

    assertThat(board.look(name)).isEmpty();
    assertThat(board.overflow()).isZero();
    assertThat(contrast("#ids", "", "border-top-color", "body")).isGreaterThan(3);
    assertThat(contrast("#ids", "::placeholder", "color", "#ids")).isGreaterThan(4.5);
    assertThat(contrast("#board .stop", "", "border-top-color", "#board .panel")).isGreaterThan(3);
    assertThat(contrast("#board .stop", "", "border-top-color", "#board .stop")).isGreaterThan(3);
  }

  /** As WCAG 2.2 defines it, between a colour of one element and the background of another. */
  private double contrast(String selector, String pseudo, String property, String behind) {
    String colour =
        (String)
            Objects.requireNonNull(
                board
                    .browser()
                    .executeScript(
                        "return getComputedStyle(document.querySelector(arguments[0]), arguments[1]"
                            + " || null).getPropertyValue(arguments[2])",
                        selector,
                        pseudo,
                        property));
    double one = luminance(Color.fromString(colour));
    double other = luminance(Color.fromString(board.find(behind).getCssValue("background-color")));
    return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
  }

  private static double luminance(Color color) {
    java.awt.Color c = color.getColor();
    return 0.2126 * linear(c.getRed())
        + 0.7152 * linear(c.getGreen())
        + 0.0722 * linear(c.getBlue());
  }

  private static double linear(int value) {
    double part = value / 255.0;
    return part <= 0.04045 ? part / 12.92 : Math.pow((part + 0.055) / 1.055, 2.4);
  }

  @Test
  void files_takeAtMost40Kilobytes_withoutAnInlineScript() throws Exception {
    long bytes = 0;
    for (String file : List.of("", "board.js", "board.css", "watch.js")) {
      bytes += gateway.send("GET", URI.create(board.address() + file)).body().length;
    }
    String html = new String(gateway.send("GET", URI.create(board.address())).body(), UTF_8);

    assertThat(bytes).isLessThan(40_000);
    assertThat(Pattern.compile("<script[^>]*></script>").matcher(html).results()).hasSize(1);
    assertThat(html).doesNotContain("<style").doesNotContainPattern("\\son[a-z]+=");
  }
}
