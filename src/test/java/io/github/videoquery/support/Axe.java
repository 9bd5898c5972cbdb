package io.github.videoquery.support;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Objects;
import org.openqa.selenium.chrome.ChromeDriver;

/** Deque's axe-core: what of WCAG 2.2, levels A and AA, can be checked by a program. */
public final class Axe {
  private static final String SOURCE = source();

  private Axe() {}

  private static String source() {
    try (InputStream in = Axe.class.getResourceAsStream("/axe.min.js")) {
      return new String(Objects.requireNonNull(in).readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What the page in the browser violates, a line each with its elements. */
  public static List<?> findings(ChromeDriver browser) {
    browser.executeScript(SOURCE + "; window.axe = axe;");
    return (List<?>)
        Objects.requireNonNull(
            browser.executeAsyncScript(
                """
                const done = arguments[0];
                axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})
                  .then(result => done(result.violations.map(found =>
                    `${found.id}: ${found.help}: ${found.nodes.map(node => node.html.slice(0, 200)).join(' ')}`)))
                  .catch(failure => done([String(failure)]));
                """));
  }
}
