package io.github.videoquery.access;

import io.github.videoquery.access.AccessProperties.Mode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.springframework.core.io.ClassPathResource;
import org.springframework.http.CacheControl;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.config.annotation.ResourceHandlerRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import org.springframework.web.servlet.resource.TransformedResource;

/**
 * Serves {@code /openapi.yaml}, in which the key is required unless the mode is none, and {@code
 * /openapi-3.2.yaml}: the same in OpenAPI 3.2, which can describe each event of a stream.
 */
@Component
final class OpenApiDocument implements WebMvcConfigurer {
  private static final String REQUIRED = "      security:\n        - gatewayKey: []\n";
  private static final String OPTIONAL = REQUIRED + "        - {}\n";

  private static final Pattern VERSION = Pattern.compile("^openapi: \\S+");
  private static final String EVENTS =
      """
                  text/event-stream:
                    schema:
                      $ref: '#/components/schemas/Event'
      """;
  private static final String EACH_EVENT =
      EVENTS.replace("schema:", "itemSchema:").replace("/Event'", "/StreamEvent'");

  private final Mode mode;

  OpenApiDocument(AccessProperties properties) {
    this.mode = properties.mode();
  }

  @Override
  public void addResourceHandlers(ResourceHandlerRegistry registry) {
    serve(registry, "/openapi.yaml", document -> document);
    serve(registry, "/openapi-3.2.yaml", OpenApiDocument::withEachEvent);
  }

  private void serve(
      ResourceHandlerRegistry registry, String path, UnaryOperator<String> transform) {
    registry
        .addResourceHandler(path)
        .addResourceLocations("classpath:/static/")
        .setUseLastModified(false) // it is that of the jar, in each mode
        .setCacheControl(CacheControl.noCache())
        .resourceChain(true)
        .addTransformer(
            (request, resource, chain) -> {
              String text = transform.apply(resource.getContentAsString(StandardCharsets.UTF_8));
              String document = mode == Mode.NONE ? text.replace(REQUIRED, OPTIONAL) : text;
              return new TransformedResource(resource, document.getBytes(StandardCharsets.UTF_8));
            });
  }

  /**
   * @param added the schemas that OpenAPI 3.2 has more
   */
  private static String withEachEvent(String added) {
    try {
      String document =
          new ClassPathResource("static/openapi.yaml").getContentAsString(StandardCharsets.UTF_8);
      return VERSION.matcher(document).replaceFirst("openapi: 3.2.0").replace(EVENTS, EACH_EVENT)
          + added;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
