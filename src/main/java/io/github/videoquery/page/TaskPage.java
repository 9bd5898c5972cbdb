package io.github.videoquery.page;

import io.github.videoquery.problem.ProblemCode;
import io.github.videoquery.problem.ProblemException;
import io.github.videoquery.task.Sha256;
import io.github.videoquery.time.TimeSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.stream.Collectors;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.core.io.ClassPathResource;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.util.HtmlUtils;

/**
 * The page for people: one file, whose only script and style are allowed by their hashes, and which
 * fetches nothing but this gateway's answers and the video.
 */
@RestController
@EnableConfigurationProperties(PageProperties.class)
final class TaskPage {
  private static final String EXAMPLES = "<!--examples-->";

  private final PageProperties properties;
  private final TimeSource time;
  private final String html;
  private final String policy;

  TaskPage(PageProperties properties, TimeSource time) {
    this.properties = properties;
    this.time = time;
    this.html = read("page/index.html");
    this.policy =
        "default-src 'none'; script-src "
            + hash("script")
            + "; style-src "
            + hash("style")
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

  private String examples() {
    String now = Long.toString(time.instant().getEpochSecond());
    return properties.examples().stream()
        .map(example -> HtmlUtils.htmlEscape(example.replace("{now}", now)))
        .map(id -> "<li><button type=\"button\" value=\"" + id + "\">" + id + "</button></li>")
        .collect(Collectors.joining());
  }

  /** The source expression for the one inline element of this name (CSP level 3, section 2.3.1). */
  private String hash(String element) {
    int start = html.indexOf('<' + element + '>') + element.length() + 2;
    String content = html.substring(start, html.indexOf("</" + element + '>'));
    byte[] digest = Sha256.of(content.getBytes(StandardCharsets.UTF_8));
    return "'sha256-" + Base64.getEncoder().encodeToString(digest) + "'";
  }

  private static String read(String resource) {
    try {
      return new ClassPathResource(resource).getContentAsString(StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("The page is missing in the jar", e);
    }
  }
}
