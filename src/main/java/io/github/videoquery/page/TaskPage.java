package io.github.videoquery.page;

import io.github.videoquery.problem.ProblemCode;
import io.github.videoquery.problem.ProblemException;
import io.github.videoquery.task.Sha256;
import io.github.videoquery.time.TimeSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.core.env.Environment;
import org.springframework.core.io.ClassPathResource;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.util.HtmlUtils;

/**
 * The page for people. It fetches nothing but its own files, this gateway's answers and the videos.
 * Other pages use {@code /watch.js}, too.
 */
@RestController
@EnableConfigurationProperties(PageProperties.class)
final class TaskPage {
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
          + " media-src https:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  private static final String LIMIT = "data-max-tasks=\"";
  private static final String MAX_TASKS = "50";
  private static final String EXAMPLES = "<!--examples-->";
  private static final Duration YEAR = Duration.ofDays(365);

  private final PageProperties properties;
  private final TimeSource time;
  private final @Nullable String version = TaskPage.class.getPackage().getImplementationVersion();
  private final String html;
  private final Asset board = asset("board.js", "javascript");
  private final Asset style = asset("board.css", "css");
  private final Asset watch = asset("watch.js", "javascript");

  /** A file that the page loads. */
  private static final class Asset {
    final MediaType type;
    final byte[] bytes;
    final String tag;

    Asset(String subtype, byte[] bytes) {
      this.type = new MediaType("text", subtype, StandardCharsets.UTF_8);
      this.bytes = bytes;
      this.tag = Base64.getEncoder().encodeToString(Sha256.of(bytes));
    }
  }

  /**
   * @param settings hold how many tasks one event stream, and so one board, may have
   */
  TaskPage(PageProperties properties, Environment settings, TimeSource time) {
    this.properties = properties;
    this.time = time;
    String maxTasks = settings.getProperty("gateway.wait.max-tasks-per-stream", MAX_TASKS);
    this.html = read("index.html").replace(LIMIT + MAX_TASKS, LIMIT + maxTasks);
  }

  @GetMapping("/")
  ResponseEntity<String> page() {
    requirePage();
    return ResponseEntity.ok()
        .contentType(new MediaType(MediaType.TEXT_HTML, StandardCharsets.UTF_8))
        .cacheControl(CacheControl.noCache())
        .header("Content-Security-Policy", POLICY)
        .body(html.replace(EXAMPLES, examples()));
  }

  @GetMapping("/board.js")
  ResponseEntity<byte[]> board(@RequestParam(name = "v", defaultValue = "") String wanted) {
    requirePage();
    return answer(board, wanted);
  }

  @GetMapping("/board.css")
  ResponseEntity<byte[]> style(@RequestParam(name = "v", defaultValue = "") String wanted) {
    requirePage();
    return answer(style, wanted);
  }

  /** The script that follows tasks. */
  @GetMapping("/watch.js")
  ResponseEntity<byte[]> watch(@RequestParam(name = "v", defaultValue = "") String wanted) {
    return answer(watch, wanted);
  }

  /** Of the version that is named, a file never changes. */
  private ResponseEntity<byte[]> answer(Asset asset, String wanted) {
    return ResponseEntity.ok()
        .contentType(asset.type)
        .cacheControl(
            wanted.equals(version)
                ? CacheControl.maxAge(YEAR).cachePublic().immutable()
                : CacheControl.noCache())
        .eTag(asset.tag)
        .body(asset.bytes);
  }

  private void requirePage() {
    if (!properties.enabled()) {
      throw new ProblemException(ProblemCode.NOT_FOUND);
    }
  }

  private String examples() {
    String now = Long.toString(time.instant().getEpochSecond());
    return properties.examples().stream()
        .map(example -> HtmlUtils.htmlEscape(example.replace("{now}", now)))
        .map(id -> "<li><button type=\"button\" value=\"" + id + "\">" + id + "</button></li>")
        .collect(Collectors.joining());
  }

  private Asset asset(String file, String subtype) {
    return new Asset(subtype, read(file).getBytes(StandardCharsets.UTF_8));
  }

  /** The text of a file, in which the page's own files are named with the version. */
  private String read(String file) {
    try {
      String text =
          new ClassPathResource("page/" + file).getContentAsString(StandardCharsets.UTF_8);
      return version == null
          ? text
          : text.replaceAll("(\\./(?:board|watch)\\.(?:js|css))", "$1?v=" + version);
    } catch (IOException e) {
      throw new UncheckedIOException("The page is missing in the jar", e);
    }
  }
}
