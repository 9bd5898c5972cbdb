package io.github.videoquery.query;

import io.github.videoquery.problem.HttpReply;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.core.MethodParameter;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.method.support.HandlerMethodReturnValueHandler;
import org.springframework.web.method.support.ModelAndViewContainer;

/**
 * Writes the {@code ResponseEntity<byte[]>} of a reply as it is. Spring's own handler would compare
 * entity tags again, and negotiate a type that is fixed already.
 */
final class ByteEntityHandler implements HandlerMethodReturnValueHandler {
  /** Asked with each request, so it has to be quick. */
  @Override
  public boolean supportsReturnType(MethodParameter type) {
    return type.getContainingClass() == VideoQueryController.class;
  }

  @Override
  public void handleReturnValue(
      @Nullable Object value,
      MethodParameter type,
      ModelAndViewContainer container,
      NativeWebRequest request)
      throws IOException {
    container.setRequestHandled(true);
    HttpReply reply = HttpReply.of(value);
    if (reply != null) {
      reply.writeTo(Objects.requireNonNull(request.getNativeResponse(HttpServletResponse.class)));
    }
  }
}
