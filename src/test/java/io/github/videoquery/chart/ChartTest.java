package io.github.videoquery.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRoute;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.util.FileSystemUtils;
import org.yaml.snakeyaml.Yaml;

/** The chart: what Helm makes of it, object by object, and that it agrees with the application. */
public class ChartTest {
  private static final Path CHART = Path.of("helm");
  private static final Path FULL = Path.of("src/test/resources/chart/full.yaml");
  private static final Path REPLICAS = Path.of("src/test/resources/chart/replicas.yaml");

  private static final Map<String, Class<? extends HasMetadata>> KINDS =
      Map.ofEntries(
          Map.entry("ConfigMap", ConfigMap.class),
          Map.entry("Deployment", Deployment.class),
          Map.entry("HTTPRoute", HTTPRoute.class),
          Map.entry("HorizontalPodAutoscaler", HorizontalPodAutoscaler.class),
          Map.entry("Ingress", Ingress.class),
          Map.entry("NetworkPolicy", NetworkPolicy.class),
          Map.entry("Pod", Pod.class),
          Map.entry("PodDisruptionBudget", PodDisruptionBudget.class),
          Map.entry("PrometheusRule", PrometheusRule.class),
          Map.entry("Service", Service.class),
          Map.entry("ServiceAccount", ServiceAccount.class),
          Map.entry("ServiceMonitor", ServiceMonitor.class));

  /** Fabric8's models keep what they do not know; here it fails. */
  private static final JsonMapper STRICT =
      JsonMapper.builder()
          .annotationIntrospector(
              new JacksonAnnotationIntrospector() {
                @Override
                public Boolean hasAnySetter(Annotated annotated) {
                  return false;
                }
              })
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  @TempDir static Path folder;

  @Test
  void chart_isLintedWithoutAFinding() {
    LintResult result = new Helm(CHART).lint().strict().call();

    assertThat(result.isFailed()).as(result.getMessages().toString()).isFalse();
    assertThat(result.getMessages())
        .noneMatch(message -> message.matches("(?s).*(WARNING|ERROR).*"));
  }

  @Test
  void defaults_renderTheObjectsOfAPlainInstallation() {
    assertThat(kinds(render(null)))
        .containsExactlyInAnyOrder(
            "ConfigMap",
            "Deployment",
            "NetworkPolicy",
            "PodDisruptionBudget",
            "Service",
            "Service",
            "ServiceAccount");
  }

  @Test
  void everythingEnabled_rendersEachKind() {
    assertThat(new HashSet<>(kinds(render(FULL))))
        .isEqualTo(set(KINDS.keySet().stream().filter(kind -> !kind.equals("Pod"))));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "replicas: 3",
        "replicaCount: many",
        "upstream: {apiKey: sk-inline}",
        "upstream: {baseUrl: 'ftp://provider'}",
        "upstream: {baseUrl: 'https://user:secret@provider'}",
        "config: {gateway: {upstream: {api-key: sk-inline}}}",
        "config: {gateway: {upstream: {apiKey: sk-inline}}}",
        "config: {gateway: {upstream: {accounts: [{name: a, apiKey: sk-inline}]}}}",
        "config: {gateway.upstream: {api-key: sk-inline}}",
        "config: {'gateway.upstream.accounts[0].api-key': sk-inline}",
        "config: {spring: {data: {redis: {password: secret}}}}",
        "extraEnv: [{name: UPSTREAM_API_KEY, value: sk-inline}]",
        "extraEnv: [{name: GATEWAY_UPSTREAM_ACCOUNTS_0_APIKEY, value: sk-inline}]",
        "extraEnv: [{name: SPRING_DATA_REDIS_PASSWORD, value: secret}]",
        "cache: {redis: {keyPrefix: ''}}",
        "access: {mode: open}",
        "access: {rateLimit: {perSecond: 0}}",
        "cache: {maxSize: lots}",
        "wait: {max: soon}",
        "image: {digest: latest}",
        "upstream: {accounts: [{name: A}]}",
        "upstream: {accounts: [{name: a, apiKey: sk-inline}]}",
        "upstream: {proxy: 'http://user:secret@proxy:3128'}",
        "upstream: {maxRate: 0}",
        "redis: {password: secret}",
        "ingress: {enabled: true}",
        "httpRoute: {enabled: true}",
        "shutdown: {preStopSeconds: 0}",
        "podLabels: {a: {b: c}}",
      })
  void hostileValues_areRejected(String yaml) throws IOException {
    Path values = Files.writeString(folder.resolve("hostile.yaml"), yaml);

    assertThatThrownBy(() -> render(values))
        .hasMessageContaining("values don't meet the specifications");
  }

  static Stream<@Nullable Path> values() {
    return Stream.of(null, FULL, REPLICAS);
  }

  @ParameterizedTest
  @MethodSource("values")
  void labelsSelectorsPortsAndMounts_agree(@Nullable Path values) {
    List<HasMetadata> objects = render(values);
    Deployment deployment = only(objects, Deployment.class);
    Map<String, String> labels = deployment.getSpec().getTemplate().getMetadata().getLabels();
    PodSpec pod = deployment.getSpec().getTemplate().getSpec();
    Container container = pod.getContainers().getFirst();
    Set<String> ports = set(container.getPorts().stream().map(port -> port.getName()));

    assertThat(labels).containsAllEntriesOf(deployment.getSpec().getSelector().getMatchLabels());
    for (Service service : all(objects, Service.class)) {
      assertThat(labels).containsAllEntriesOf(service.getSpec().getSelector());
      assertThat(ports)
          .containsAll(
              set(service.getSpec().getPorts().stream().map(p -> p.getTargetPort().getStrVal())));
    }
    assertThat(labels)
        .containsAllEntriesOf(
            only(objects, NetworkPolicy.class).getSpec().getPodSelector().getMatchLabels())
        .containsAllEntriesOf(
            only(objects, PodDisruptionBudget.class).getSpec().getSelector().getMatchLabels());
    for (Probe probe :
        List.of(
            container.getStartupProbe(),
            container.getLivenessProbe(),
            container.getReadinessProbe())) {
      assertThat(probe.getHttpGet().getPort().getStrVal()).isEqualTo("management");
    }
    assertThat(set(pod.getVolumes().stream().map(Volume::getName)))
        .isEqualTo(set(container.getVolumeMounts().stream().map(mount -> mount.getName())));
    assertThat(container.getSecurityContext().getReadOnlyRootFilesystem()).isTrue();
    assertThat(container.getSecurityContext().getCapabilities().getDrop()).containsExactly("ALL");
    assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
    assertThat(pod.getAutomountServiceAccountToken()).isFalse();
    assertThat(
            deployment.getSpec().getStrategy().getRollingUpdate().getMaxUnavailable().getIntVal())
        .isZero();
    assertThat(pod.getTerminationGracePeriodSeconds())
        .isGreaterThan(container.getLifecycle().getPreStop().getSleep().getSeconds() + 30);
  }

  @ParameterizedTest
  @MethodSource("values")
  void eachKeyOfTheConfigMap_isAPropertyOfTheApplication(@Nullable Path values)
      throws IOException, ClassNotFoundException {
    String settings =
        all(render(values), ConfigMap.class).stream()
            .map(map -> map.getData().get("application.yaml"))
            .filter(Objects::nonNull)
            .findFirst()
            .orElseThrow();
    Set<String> known = new TreeSet<>();
    for (String file : List.of("target/classes/META-INF/spring-configuration-metadata.json")) {
      STRICT
          .readTree(Files.readString(Path.of(file)))
          .get("properties")
          .forEach(property -> known.add(property.get("name").asText()));
    }
    Class<?> account = Class.forName("io.github.videoquery.upstream.AccountProperties");
    for (RecordComponent part : account.getRecordComponents()) {
      known.add("gateway.upstream.accounts." + dashed(part.getName()));
    }
    Set<String> set = new TreeSet<>();
    for (var source :
        new YamlPropertySourceLoader()
            .load("settings", new ByteArrayResource(settings.getBytes(StandardCharsets.UTF_8)))) {
      for (String name : ((EnumerablePropertySource<?>) source).getPropertyNames()) {
        set.add(dashed(name.replaceAll("\\[\\d+]", "")));
      }
    }

    assertThat(set)
        .containsAnyOf("gateway.upstream.api-key-file", "gateway.upstream.accounts.api-key-file");
    assertThat(set.stream().filter(name -> name.startsWith("gateway."))).isSubsetOf(known);
    assertThat(set.stream().filter(name -> !name.startsWith("gateway.")))
        .isSubsetOf(
            "logging.structured.format.console",
            "management.opentelemetry.tracing.export.otlp.endpoint",
            "management.tracing.sampling.probability",
            "spring.config.import",
            "spring.data.redis.host",
            "spring.data.redis.port",
            "spring.data.redis.ssl.enabled",
            "spring.data.redis.username",
            "spring.lifecycle.timeout-per-shutdown-phase",
            "spring.ssl.bundle.pem.issuer.reload-on-update",
            "spring.ssl.bundle.pem.issuer.truststore.certificate",
            "spring.ssl.bundle.pem.upstream.keystore.certificate",
            "spring.ssl.bundle.pem.upstream.keystore.private-key",
            "spring.ssl.bundle.pem.upstream.reload-on-update",
            "spring.ssl.bundle.pem.upstream.truststore.certificate");
  }

  /** A hook is no part of what Helm renders, so the pod is rendered here as a plain object. */
  @Test
  void podOfHelmTest_asksTheService() throws IOException {
    Path copy = folder.resolve("chart-without-hooks");
    FileSystemUtils.copyRecursively(CHART, copy);
    Path template = copy.resolve("templates/tests/asks.yaml");
    Files.writeString(
        template, Files.readString(template).replaceAll("(?m)^ *helm.sh/hook.*\\R", ""));

    List<HasMetadata> objects = render(copy, null);

    var container = only(objects, Pod.class).getSpec().getContainers().getFirst();
    URI asked = URI.create(container.getArgs().getLast());
    assertThat(all(objects, Service.class))
        .anySatisfy(
            service -> {
              assertThat(service.getMetadata().getName()).isEqualTo(asked.getHost());
              assertThat(service.getSpec().getPorts())
                  .anySatisfy(port -> assertThat(port.getPort()).isEqualTo(asked.getPort()));
            });
  }

  @Test
  void versions_areThePoms() throws IOException {
    String version = System.getProperty("packaged.version");
    Map<String, Object> chart = new Yaml().load(Files.readString(CHART.resolve("Chart.yaml")));

    assertThat(chart).containsEntry("appVersion", version).containsEntry("version", version);
    assertThat(Files.readString(Path.of("Dockerfile"))).contains("ARG VERSION=" + version + "\n");
    assertThat(Files.readString(Path.of("CHANGELOG.md"))).contains("## " + version);
  }

  @Test
  void readme_documentsEachValue() throws IOException {
    String readme = Files.readString(CHART.resolve("README.md"));
    Map<String, Object> values = new Yaml().load(Files.readString(CHART.resolve("values.yaml")));
    List<String> names = new ArrayList<>();
    collect("", values, names);

    assertThat(names).allSatisfy(name -> assertThat(readme).contains("| `" + name + "` |"));
  }

  private static String dashed(String name) {
    return Pattern.compile("[A-Z]")
        .matcher(name)
        .replaceAll(capital -> "-" + capital.group().toLowerCase(Locale.ROOT));
  }

  @Test
  void severalAccountsAndRedis_haveTheirSecretsFilesAndPorts() {
    List<HasMetadata> objects = render(REPLICAS);
    PodSpec pod = only(objects, Deployment.class).getSpec().getTemplate().getSpec();
    String settings = all(objects, ConfigMap.class).getFirst().getData().get("application.yaml");

    assertThat(
            set(
                pod.getVolumes().stream()
                    .filter(v -> v.getSecret() != null)
                    .map(v -> v.getSecret().getSecretName())))
        .containsExactlyInAnyOrder("demo-account-veo", "other", "provider-tls", "demo-clients");
    assertThat(settings)
        .contains("apiKeyFile: /run/secrets/account-veo/api-key")
        .contains("apiKeyFile: /run/secrets/account-rest/api-key")
        .contains("import: configtree:/run/secrets/settings/")
        .containsOnlyOnce("sslBundle: upstream") // not for the account of a public authority
        .doesNotContain("/run/secrets/upstream/");
    assertThat(
            pod.getVolumes().stream()
                .filter(v -> v.getProjected() != null)
                .flatMap(v -> v.getProjected().getSources().stream())
                .map(source -> source.getSecret().getItems().getFirst().getPath()))
        .containsExactly("gateway.upstream.proxy", "spring.data.redis.password");
    assertThat(
            only(objects, NetworkPolicy.class).getSpec().getEgress().stream()
                .flatMap(rule -> rule.getPorts().stream())
                .map(port -> port.getPort().getIntVal()))
        .containsExactly(53, 53, 443, 8080, 3128, 6379);
  }

  @Test
  void whatIsNotSet_isLeftOut_andOnlyThat() throws IOException {
    Path values =
        Files.writeString(
            folder.resolve("beginnings.yaml"),
            """
            cache: {redis: {enabled: true}}
            redis: {host: null.example.com}
            access: {jwt: {clientClaim: null_claim}}
            config: {text: "first\\n  note: null\\n  last", nothing: ""}
            """);

    String settings =
        all(render(values), ConfigMap.class).getFirst().getData().get("application.yaml");
    Map<String, Object> read = new Yaml().load(settings);

    assertThat(settings)
        .contains("host: null.example.com", "clientClaim: null_claim")
        .doesNotContain("issuerUri", "maxRate");
    assertThat(read)
        .containsEntry("text", "first\n  note: null\n  last")
        .containsEntry("nothing", "");
  }

  private static void collect(String prefix, Map<?, ?> values, List<String> names) {
    values.forEach(
        (key, value) -> {
          String name = prefix + key;
          boolean free = Set.of("resources", "metrics.dashboard.labels").contains(name);
          if (value instanceof Map<?, ?> map && !map.isEmpty() && !free) {
            collect(name + ".", map, names);
          } else {
            names.add(name);
          }
        });
  }

  public static List<HasMetadata> render(@Nullable Path values) {
    return render(CHART, values);
  }

  private static List<HasMetadata> render(Path chart, @Nullable Path values) {
    var template =
        new Helm(chart)
            .template()
            .withName("demo")
            .withNamespace("video")
            .withKubeVersion("1.31.0");
    if (values != null) {
      template.withValuesFile(values);
    }
    List<HasMetadata> objects = new ArrayList<>();
    for (Object document : new Yaml().loadAll(template.call())) {
      if (document instanceof Map<?, ?> object) {
        String kind = String.valueOf(object.get("kind"));
        objects.add(STRICT.convertValue(object, Objects.requireNonNull(KINDS.get(kind), kind)));
      }
    }
    return objects;
  }

  private static List<String> kinds(List<HasMetadata> objects) {
    return objects.stream().map(HasMetadata::getKind).toList();
  }

  static <T> List<T> all(List<HasMetadata> objects, Class<T> type) {
    return objects.stream().filter(type::isInstance).map(type::cast).toList();
  }

  public static <T> T only(List<HasMetadata> objects, Class<T> type) {
    assertThat(all(objects, type)).hasSize(1);
    return all(objects, type).getFirst();
  }

  private static Set<String> set(Stream<String> names) {
    return names
        .filter(Predicate.not(String::isEmpty))
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
