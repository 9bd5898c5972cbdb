package io.github.videoquery.access;

import io.github.videoquery.access.AccessProperties.Mode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.springframework.core.io.Resource;
import org.springframework.http.CacheControl;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.config.annotation.ResourceHandlerRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import org.springframework.web.servlet.resource.TransformedResource;

/** Serves {@code /openapi.yaml}, in which the key is required unless the mode is none. */
@Component
final class OpenApiDocument implements WebMvcConfigurer {
  private static final String REQUIRED = "      security:\n        - gatewayKey: []\n";
  private static final String OPTIONAL = REQUIRED + "        - {}\n";

  private final Mode mode;

  OpenApiDocument(AccessProperties properties) {
    this.mode = properties.mode();
  }

  @Override
  public void addResourceHandlers(ResourceHandlerRegistry registry) {
    registry
        .addResourceHandler("/openapi.yaml")
        .addResourceLocations("classpath:/static/")
        .setUseLastModified(false) // it is that of the jar, in each mode
        .setCacheControl(CacheControl.noCache())
        .resourceChain(true)
        .addTransformer(
            (request, resource, chain) ->
                mode == Mode.NONE ? withoutKey(resource) : chain.transform(request, resource));
  }

  private static Resource withoutKey(Resource document) throws IOException {
    String text = document.getContentAsString(StandardCharsets.UTF_8).replace(REQUIRED, OPTIONAL);
    return new TransformedResource(document, text.getBytes(StandardCharsets.UTF_8));
  }
}
