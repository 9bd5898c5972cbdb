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
import org.springframework.core.io.ClassPathResource;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.util.HtmlUtils;

/**
 * The page for people, whose script and style are allowed by their hashes, and which fetches
 * nothing but {@code /watch.js}, this gateway's answers and the video. Other pages use that script,
 * too.
 */
@RestController
@EnableConfigurationProperties(PageProperties.class)
final class TaskPage {
  private static final String EXAMPLES = "<!--examples-->";
  private static final String SCRIPT = "./watch.js";
  private static final Duration YEAR = Duration.ofDays(365);

  private final PageProperties properties;
  private final TimeSource time;
  private final String html;
  private final String policy;
  private final byte[] script = read("page/watch.js").getBytes(StandardCharsets.UTF_8);
  private final String scriptTag = base64(Sha256.of(script));
  private final @Nullable String version = TaskPage.class.getPackage().getImplementationVersion();

  TaskPage(PageProperties properties, TimeSource time) {
    this.properties = properties;
    this.time = time;
    String page = read("page/index.html");
    this.html = version == null ? page : page.replace(SCRIPT, SCRIPT + "?v=" + version);
    this.policy =
        "default-src 'none'; script-src 'self' "
            + hash("<script type=\"module\">", "</script>")
            + "; style-src "
            + hash("<style>", "</style>")
            + "; connect-src 'self'; media-src https:; base-uri 'none'; form-action 'none';"
            + " frame-ancestors 'none'";
  }

  @GetMapping("/")
  ResponseEntity<String> page() {
    if (!properties.enabled()) {
      throw new ProblemException(ProblemCode.NOT_FOUND);
    }
    return ResponseEntity.ok()
        .contentType(new MediaType(MediaType.TEXT_HTML, StandardCharsets.UTF_8))
        .cacheControl(CacheControl.noCache())
        .header("Content-Security-Policy", policy)
        .body(html.replace(EXAMPLES, examples()));
  }

  /** The script that follows tasks. Of the version that it names, it never changes. */
  @GetMapping("/watch.js")
  ResponseEntity<byte[]> script(@RequestParam(name = "v", defaultValue = "") String wanted) {
    return ResponseEntity.ok()
        .contentType(new MediaType("text", "javascript", StandardCharsets.UTF_8))
        .cacheControl(
            wanted.equals(version)
                ? CacheControl.maxAge(YEAR).cachePublic().immutable()
                : CacheControl.noCache())
        .eTag(scriptTag)
        .body(script);
  }

  private String examples() {
    String now = Long.toString(time.instant().getEpochSecond());
    return properties.examples().stream()
        .map(example -> HtmlUtils.htmlEscape(example.replace("{now}", now)))
        .map(id -> "<li><button type=\"button\" value=\"" + id + "\">" + id + "</button></li>")
        .collect(Collectors.joining());
  }

  /** The source expression for an inline element between tags (CSP level 3, section 2.3.1). */
  private String hash(String begin, String end) {
    int start = html.indexOf(begin) + begin.length();
    String content = html.substring(start, html.indexOf(end, start));
    return "'sha256-" + base64(Sha256.of(content.getBytes(StandardCharsets.UTF_8))) + "'";
  }

  private static String base64(byte[] digest) {
    return Base64.getEncoder().encodeToString(digest);
  }

  private static String read(String resource) {
    try {
      return new ClassPathResource(resource).getContentAsString(StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("The page is missing in the jar", e);
    }
  }
}
