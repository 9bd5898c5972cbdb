package io.github.videoquery.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.problem.HttpReply;
import io.github.videoquery.support.RawHttp;
import io.github.videoquery.support.ServletServer;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.eclipse.jetty.http.HttpField;
import org.junit.jupiter.api.Test;
import org.springframework.core.MethodParameter;
import org.springframework.web.context.request.ServletWebRequest;
import org.springframework.web.method.support.ModelAndViewContainer;

class ByteEntityHandlerTest {
  private final ByteEntityHandler handler = new ByteEntityHandler();
  private final MethodParameter query = returned(VideoQueryController.class, "query");
  private final ModelAndViewContainer container = new ModelAndViewContainer();

  private static MethodParameter returned(Class<?> of, String name) {
    Method method =
        Stream.of(of.getDeclaredMethods())
            .filter(declared -> declared.getName().equals(name))
            .findFirst()
            .orElseThrow();
    return new MethodParameter(method, -1);
  }

  @Test
  void handler_supportsOnlyTheReturnTypeOfQueries() {
    assertThat(handler.supportsReturnType(query)).isTrue();
    assertThat(handler.supportsReturnType(returned(HttpReply.class, "toEntity"))).isFalse();
  }

  @Test
  void reply_isWrittenAsItIs() throws Exception {
    var reply =
        new HttpReply(
            203, List.of(new HttpField("ETag", "\"a\"")), "body".getBytes(StandardCharsets.UTF_8));

    RawHttp answer =
        ServletServer.answer(
            (request, response) ->
                handler.handleReturnValue(
                    reply.toEntity(), query, container, new ServletWebRequest(request, response)));

    assertThat(answer.status()).isEqualTo(203);
    assertThat(answer.headers()).containsEntry("etag", "\"a\"");
    assertThat(answer.body()).isEqualTo("body");
    assertThat(container.isRequestHandled()).isTrue();
  }

  @Test
  void nothing_isWritten_whereTheControllerReturnedNothing() throws Exception {
    RawHttp answer =
        ServletServer.answer(
            (request, response) ->
                handler.handleReturnValue(
                    null, query, container, new ServletWebRequest(request, response)));

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.body()).isEmpty();
    assertThat(container.isRequestHandled()).isTrue();
  }
}
