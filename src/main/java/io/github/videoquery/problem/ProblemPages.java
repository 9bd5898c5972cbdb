package io.github.videoquery.problem;

import java.util.Locale;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.util.HtmlUtils;

/** The page that a problem's {@code type} leads to: what happened and what to do. */
@RestController
final class ProblemPages {
  @GetMapping("/problems/{code}")
  ResponseEntity<String> page(@PathVariable("code") String code) {
    ProblemCode problem =
        ProblemCode.of(code).orElseThrow(() -> new ProblemException(ProblemCode.NOT_FOUND));
    return ResponseEntity.ok()
        .contentType(MediaType.parseMediaType("text/html;charset=UTF-8"))
        .header("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
        .body(
            String.format(
                Locale.ROOT,
                """
                <!doctype html>
                <html lang="en">
                <head>
                <meta charset="utf-8">
                <meta name="viewport" content="width=device-width">
                <title>%1$s</title>
                </head>
                <body>
                <main>
                <h1>%2$s</h1>
                <p>Code <code>%1$s</code>, HTTP status %3$d.</p>
                <p>%4$s</p>
                </main>
                </body>
                </html>
                """,
                problem.code(),
                HtmlUtils.htmlEscape(problem.title()),
                problem.status(),
                HtmlUtils.htmlEscape(problem.remedy())));
  }
}
