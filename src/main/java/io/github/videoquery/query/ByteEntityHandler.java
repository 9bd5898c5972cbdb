package io.github.videoquery.query;

import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.core.MethodParameter;
import org.springframework.core.ResolvableType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.method.support.HandlerMethodReturnValueHandler;
import org.springframework.web.method.support.ModelAndViewContainer;

/**
 * Writes a {@code ResponseEntity<byte[]>} as it is. Spring's own handler would compare entity tags
 * again, and negotiate a type that is fixed already.
 */
final class ByteEntityHandler implements HandlerMethodReturnValueHandler {
  private static final ResolvableType BYTES =
      ResolvableType.forClassWithGenerics(ResponseEntity.class, byte[].class);

  @Override
  public boolean supportsReturnType(MethodParameter type) {
    return BYTES.isAssignableFrom(ResolvableType.forMethodParameter(type));
  }

  @Override
  public void handleReturnValue(
      @Nullable Object value,
      MethodParameter type,
      ModelAndViewContainer container,
      NativeWebRequest request)
      throws IOException {
    container.setRequestHandled(true);
    if (!(value instanceof ResponseEntity<?> entity)) {
      return;
    }
    HttpServletResponse response =
        Objects.requireNonNull(request.getNativeResponse(HttpServletResponse.class));
    response.setStatus(entity.getStatusCode().value());
    entity
        .getHeaders()
        .forEach((name, values) -> values.forEach(field -> response.setHeader(name, field)));
    if (entity.getBody() instanceof byte[] body) {
      response.getOutputStream().write(body);
    }
  }
}
