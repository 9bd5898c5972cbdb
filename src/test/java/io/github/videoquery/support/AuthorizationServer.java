package io.github.videoquery.support;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.proc.SecurityContext;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.springframework.boot.jetty.servlet.JettyServletWebServerFactory;
import org.springframework.boot.web.server.servlet.context.AnnotationConfigServletWebServerApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configuration.EnableWebSecurity;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.jwt.JwtEncoder;
import org.springframework.security.oauth2.jwt.NimbusJwtEncoder;
import org.springframework.security.oauth2.server.authorization.client.InMemoryRegisteredClientRepository;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClient;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClientRepository;
import org.springframework.security.oauth2.server.authorization.settings.AuthorizationServerSettings;
import org.springframework.security.oauth2.server.authorization.settings.TokenSettings;
import org.springframework.security.oauth2.server.authorization.token.JwtEncodingContext;
import org.springframework.security.oauth2.server.authorization.token.OAuth2TokenCustomizer;
import org.springframework.security.web.SecurityFilterChain;
import tools.jackson.databind.json.JsonMapper;

/** Spring Authorization Server on a free port, with keys that a test can turn. */
public final class AuthorizationServer implements AutoCloseable {
  public static final String AUDIENCE = "video-query";

  private final List<JWK> published = new CopyOnWriteArrayList<>();
  private final AnnotationConfigServletWebServerApplicationContext context =
      new AnnotationConfigServletWebServerApplicationContext();
  private final HttpClient http = HttpClient.newHttpClient();
  private volatile RSAKey signing;

  public AuthorizationServer() throws JOSEException {
    this.signing = new RSAKeyGenerator(2048).keyID("key-0").generate();
    published.add(signing);
    context.registerBean("keys", Keys.class, () -> new Keys(this));
    context.register(Server.class);
    context.refresh();
  }

  public record Keys(AuthorizationServer server) {}

  /** Not annotated as a configuration: the gateway would find it and be secured, too. */
  @EnableWebSecurity
  public static class Server {
    @Bean
    JettyServletWebServerFactory webServer() {
      return new JettyServletWebServerFactory(0);
    }

    @Bean
    SecurityFilterChain chain(HttpSecurity http) {
      return http.oauth2AuthorizationServer(
              server -> http.securityMatcher(server.getEndpointsMatcher()))
          .build();
    }

    @Bean
    RegisteredClientRepository clients() {
      return new InMemoryRegisteredClientRepository(client("team-a"), client("team-b"));
    }

    private static RegisteredClient client(String name) {
      return RegisteredClient.withId(name)
          .clientId(name)
          .clientSecret("{noop}" + name)
          .clientAuthenticationMethod(ClientAuthenticationMethod.CLIENT_SECRET_BASIC)
          .authorizationGrantType(AuthorizationGrantType.CLIENT_CREDENTIALS)
          .scope("video.read")
          .tokenSettings(
              TokenSettings.builder().accessTokenTimeToLive(Duration.ofMinutes(5)).build())
          .build();
    }

    @Bean
    AuthorizationServerSettings settings() {
      return AuthorizationServerSettings.builder().build();
    }

    @Bean
    JWKSource<SecurityContext> published(Keys keys) {
      return (selector, any) -> selector.select(new JWKSet(keys.server.published));
    }

    @Bean
    JwtEncoder encoder(Keys keys) {
      return parameters ->
          new NimbusJwtEncoder(
                  (JWKSelector selector, SecurityContext any) -> List.of(keys.server.signing))
              .encode(parameters);
    }

    @Bean
    OAuth2TokenCustomizer<JwtEncodingContext> audience() {
      return token -> token.getClaims().audience(List.of(AUDIENCE));
    }
  }

  public String issuer() {
    return "http://localhost:" + java.util.Objects.requireNonNull(context.getWebServer()).getPort();
  }

  public RSAKey signingKey() {
    return signing;
  }

  /** Publishes one more key, which signs from now on. */
  public void turnKey() throws JOSEException {
    RSAKey next = new RSAKeyGenerator(2048).keyID("key-" + published.size()).generate();
    published.add(next);
    signing = next;
  }

  /** A token for one of {@code team-a}, {@code team-b}. */
  public String token(String client) throws IOException, InterruptedException {
    String basic =
        Base64.getEncoder()
            .encodeToString((client + ":" + client).getBytes(StandardCharsets.US_ASCII));
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(issuer() + "/oauth2/token"))
            .header("Authorization", "Basic " + basic)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(
                HttpRequest.BodyPublishers.ofString(
                    "grant_type=client_credentials&scope=video.read"))
            .build();
    HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
    return new JsonMapper().readTree(answer.body()).get("access_token").asString();
  }

  @Override
  public void close() {
    context.close();
    http.close();
  }
}
