package io.github.videoquery.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.videoquery.problem.ProblemCode;
import io.github.videoquery.problem.ProblemException;
import io.github.videoquery.problem.ProblemRequest;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.security.oauth2.jwt.Jwt;

class RequiredScopeTest {
  private final RequiredScope scope = new RequiredScope("video.read");

  @ParameterizedTest
  @ValueSource(strings = {"video.read", "openid video.read", "video.read profile"})
  void scope_isAWordOfTheList(String scopes) {
    scope.require(token("scope", scopes));
  }

  @Test
  void scope_isAnElementOfTheArray() {
    scope.require(token("scp", List.of("openid", "video.read")));
    scope.require(token("scope", List.of("video.read")));
    scope.require(token("scp", "video.read"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "video.readonly", "all.video.read", "video", "VIDEO.READ", "video.read,x"})
  void partOfAWord_isNoScope(String scopes) {
    assertForbidden(token("scope", scopes));
    assertForbidden(token("scp", List.of(scopes)));
  }

  @Test
  void tokenWithoutScopes_isForbidden() {
    assertForbidden(token("other", "video.read"));
    assertForbidden(token("scope", 7));
  }

  @Test
  void nothingIsRequired_byDefault() {
    new RequiredScope(null).require(token("other", ""));
  }

  private void assertForbidden(Jwt token) {
    assertThatThrownBy(() -> scope.require(token))
        .isInstanceOfSatisfying(
            ProblemException.class,
            refusal -> {
              assertThat(refusal.problem().code()).isEqualTo(ProblemCode.FORBIDDEN);
              assertThat(
                      refusal
                          .problem()
                          .reply(ProblemRequest.unread("id"))
                          .field("WWW-Authenticate"))
                  .isEqualTo(
                      "Bearer realm=\"video-query-gateway\", error=\"insufficient_scope\","
                          + " scope=\"video.read\"");
            });
  }

  private static Jwt token(String claim, Object value) {
    return Jwt.withTokenValue("a.b.c").header("alg", "RS256").claim(claim, value).build();
  }
}
