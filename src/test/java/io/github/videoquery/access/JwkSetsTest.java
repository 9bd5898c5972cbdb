package io.github.videoquery.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
class JwkSetsTest {
  private static final RSAKey GOOD = good();
  private String published = "";
  private final JwkSets sets =
      new JwkSets(
          null,
          URI.create("https://issuer/keys"),
          address -> published.getBytes(StandardCharsets.UTF_8));

  private static RSAKey good() {
    try {
      return new RSAKeyGenerator(2048).keyID("good").generate().toPublicJWK();
    } catch (com.nimbusds.jose.JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{'kty':'EC','kid':'odd','crv':'P-999','x':'AA','y':'AA'}|odd",
        "{'kty':'EC','kid':'odd','crv':'P-256','x':'AA','y':'AA'}|odd",
        "{'kty':'EC','kid':'odd'}|odd",
        "{'kty':'RSA','kid':'odd','e':'AQAB'}|odd",
        "{'kty':'RSA','kid':'odd','n':'','e':'AQAB'}|odd",
        "{'kty':'RSA','kid':'odd','n':7,'e':'AQAB'}|odd",
        "{'kty':'RSA','kid':7,'n':'AA','e':'AQAB'}|7",
        "{'kty':'RSA','kid':'odd','n':'AA','e':'AQAB','x5c':['AAAA']}|odd",
        "{'kty':'RSA','kid':'odd','n':'AA','e':'AQAB','x5c':'AAAA'}|odd",
        "{'kty':'RSA','kid':'odd','n':'AA','e':'AQAB','key_ops':['fly']}|odd",
        "{'kty':'RSA','kid':'odd','n':'AA','e':'AQAB','exp':'soon'}|odd",
        "{'kty':'XYZ','kid':'odd'}|odd",
        "{'kid':'odd'}|odd",
        "{'kty':null,'kid':'odd'}|odd",
        "{'kty':['RSA'],'kid':'odd'}|odd",
        "{'kty':'OKP','kid':'odd','crv':'Ed1','x':'AA'}|odd",
        "{'kty':'oct','kid':'odd'}|odd",
        "{}|null",
        "null|none",
        "7|none",
        "'text'|none",
        "[]|none",
      })
  void oddKey_isIgnored_andNamedOnce(String odd, String id, CapturedOutput log) throws Exception {
    published =
        "{\"keys\":[" + odd.replace('\'', '"') + "," + GOOD.toJSONString() + "],\"more\":1}";

    assertThat(sets.fetch().getKeys()).extracting(JWK::getKeyID).contains("good");
    assertThat(sets.fetch().getKeys()).hasSize(1);

    assertThat(log)
        .containsOnlyOnce(
            "Key 1 of the issuer's set (kid " + id + ") cannot be read and is ignored");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "[]", "{}", "{\"keys\":{}}", "{\"keys\":null}", "<html>", "{\"keys\":["})
  void documentWithoutAList_isNoSet(String document) {
    published = document;

    assertThatThrownBy(sets::fetch).isInstanceOf(IOException.class);
  }

  /** Else each of thousands of odd keys would be a line of the log, at each fetch. */
  @Test
  void oddKeys_areNamed_upToHundred(CapturedOutput log) throws Exception {
    published =
        IntStream.range(0, 101)
            .mapToObj(i -> "{\"kid\":\"odd" + i + "\"}")
            .collect(Collectors.joining(",", "{\"keys\":[", "]}"));

    assertThat(sets.fetch().isEmpty()).isTrue();

    assertThat(log).contains("kid odd99)").doesNotContain("kid odd100)");
  }

  /** RFC 8414, section 3.1: the well-known part stands before the issuer's path. */
  @Test
  void metadataOfAnIssuerWithAPath_isFound() throws Exception {
    published = "{\"keys\":[" + GOOD.toJSONString() + "]}";
    Map<String, String> documents =
        Map.of(
            "https://issuer/.well-known/oauth-authorization-server/tenants/a",
            "{\"issuer\":\"https://issuer/tenants/a\",\"jwks_uri\":\"https://issuer/keys\"}",
            "https://issuer/keys",
            published);
    var discovering =
        new JwkSets(
            URI.create("https://issuer/tenants/a"),
            null,
            address -> {
              String document = documents.get(address.toString());
              if (document == null) {
                throw new FileNotFoundException(address.toString());
              }
              return document.getBytes(StandardCharsets.UTF_8);
            });

    assertThat(discovering.fetch().getKeys()).extracting(JWK::getKeyID).containsExactly("good");
  }

  @Test
  void emptySet_isASet() throws Exception {
    published = "{\"keys\":[]}";

    assertThat(sets.fetch().isEmpty()).isTrue();
  }
}
