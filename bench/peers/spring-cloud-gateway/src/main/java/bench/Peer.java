package bench;

import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.bucket4j.caffeine.Bucket4jCaffeine;
import io.github.bucket4j.distributed.proxy.AsyncProxyManager;
import java.time.Duration;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.cloud.gateway.filter.ratelimit.KeyResolver;
import org.springframework.context.annotation.Bean;
import reactor.core.publisher.Mono;

@SpringBootApplication
public class Peer {
  public static void main(String[] args) {
    SpringApplication.run(Peer.class, args);
  }

  /** For the profile "limit": the callers' buckets, in memory. */
  @Bean
  AsyncProxyManager<String> buckets() {
    return Bucket4jCaffeine.<String>builderFor(Caffeine.newBuilder().maximumSize(100)).build().asAsync();
  }

  @Bean
  KeyResolver caller() {
    return exchange -> Mono.justOrEmpty(exchange.getRequest().getHeaders().getFirst("Authorization"));
  }
}
