package io.github.videoquery.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.type.LogicalType;
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
import java.io.UncheckedIOException;
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
import org.junit.jupiter.params.provider.CsvSource;
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

  private static final String LOOKUP =
      "lookup \"apps/v1\" \"Deployment\" .Release.Namespace (include \"gateway.fullname\" .)";
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
          // a text that YAML reads as a number or a boolean was not quoted
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .withCoercionConfig(
              LogicalType.Textual,
              config ->
                  config
                      .setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                      .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                      .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail))
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
        "podDisruptionBudget: {maxUnavailable: 0%}",
        "podDisruptionBudget: {maxUnavailable: 500%}",
        "service: {port: 65536}",
        "redis: {port: 65536}",
        "fullnameOverride: Gateway",
        "fullnameOverride: video.gateway",
        "nameOverride: 4711",
        "extraObjects: [{kind: Secret}]",
        "strategy: {type: Sometimes}",
      })
  void hostileValues_areRejected(String yaml) throws IOException {
    Path values = Files.writeString(folder.resolve("hostile.yaml"), yaml);

    assertThatThrownBy(() -> render(values))
        .hasMessageContaining("values don't meet the specifications");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "upstream: {baseUrl: ''}|Set upstream.baseUrl",
        "upstream: {baseUrl: '', accounts: [{name: a}]}|Set the provider's address of account a",
        "upstream: {baseUrl: 'https://a', accounts: [{name: a}, {name: a}]}|Two accounts are called"
            + " a",
        "upstream: {baseUrl: 'https://a:65536'}|The port 65536",
        "autoscaling: {enabled: true, minReplicas: 7}|autoscaling.minReplicas is above",
        "{autoscaling: {enabled: true}, resources: {requests: {cpu: null}}}|resources.requests.cpu",
      })
  void valuesThatThePodsOrTheServerWouldRefuse_areRefusedWithWords(String yaml, String words)
      throws IOException {
    Path values = Files.writeString(folder.resolve("refused.yaml"), yaml);

    assertThatThrownBy(() -> render(values)).hasMessageContaining(words);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "upstream: {baseUrl: 'http://a'}|80",
        "upstream: {baseUrl: 'https://a:8443/api'}|8443",
        "config: {gateway: {upstream: {baseUrl: 'https://a:8080'}}}|8080",
        "config: {gateway: {upstream: {base-url: 'https://a:8080'}}, x: baseUrl}|8080",
        "config: {gateway.upstream: {baseUrl: 'http://a'}}|80",
        "config: {gateway: {upstream: {accounts: [{base-url: 'https://a:81'}]}}, x: baseUrl}|81",
        "{extraEnv: [{name: UPSTREAM_BASE_URL, value: 'http://a:82'}], config: {x: baseUrl}}|82",
        "{extraEnv: [{name: GATEWAY_UPSTREAM_BASEURL, value: 'http://a:83'}], config: {x:"
            + " baseUrl}}|83",
      })
  void networkPolicy_opensThePortOfTheProvider_whereverItIsSet(String yaml, int port)
      throws IOException {
    Path values = Files.writeString(folder.resolve("ports.yaml"), yaml);

    assertThat(only(render(values), NetworkPolicy.class).getSpec().getEgress().get(1).getPorts())
        .extracting(open -> open.getPort().getIntVal())
        .containsExactly(port);
  }

  /** YAML reads these as numbers, booleans or nothing. */
  @ParameterizedTest
  @ValueSource(strings = {"4711", "on", "null", "1e3", "0x10", "true", "no"})
  void namesThatAreNoTextsInYaml_areQuoted(String name) throws IOException {
    Path values =
        Files.writeString(
            folder.resolve("odd.yaml"),
            """
            upstream: {existingSecret: "%1$s", secretKey: "%1$s", tls: {existingSecret: "%1$s"}}
            clients: {existingSecret: "%1$s", secretKey: "%1$s"}
            redis: {existingSecret: "%1$s", secretKey: "%1$s", host: "%1$s", username: "%1$s"}
            cache: {redis: {enabled: true}}
            access: {jwt: {clientClaim: "%1$s"}}
            serviceAccount: {name: "%1$s", annotations: {a: "%1$s"}}
            image: {tag: "%1$s"}
            imagePullSecrets: [{name: "%1$s"}]
            priorityClassName: "%1$s"
            podLabels: {a: "%1$s"}
            podAnnotations: {a: "%1$s"}
            commonLabels: {a: "%1$s"}
            nodeSelector: {a: "%1$s"}
            ingress: {enabled: true, className: "%1$s", hosts: [{host: "%1$s", paths: [{path: "/a: b"}]}]}
            httpRoute: {enabled: true, hostnames: ["%1$s"], parentRefs: [{name: "%1$s"}], labels: {a: "%1$s"}}
            metrics: {dashboard: {enabled: true, annotations: {a: "%1$s"}}, serviceMonitor: {enabled: true, labels: {a: "%1$s"}}}
            """
                .formatted(name));

    List<HasMetadata> objects = objects(rendering(CHART, name, values));

    Deployment deployment = only(objects, Deployment.class);
    assertThat(deployment.getSpec().getSelector().getMatchLabels())
        .containsEntry("app.kubernetes.io/instance", name);
    assertThat(all(objects, Service.class))
        .allSatisfy(
            service -> assertThat(service.getMetadata().getName()).matches("[a-z][a-z0-9-]*"));
  }

  @Test
  void podTemplate_holdsNothingOfTheChartsVersion() throws IOException {
    Path newer = folder.resolve("newer-chart");
    FileSystemUtils.copyRecursively(CHART, newer);
    Path file = newer.resolve("Chart.yaml");
    Files.writeString(
        file, Files.readString(file).replaceAll("(?m)^version: .*", "version: 9.9.9"));

    assertThat(only(render(newer, FULL), Deployment.class).getSpec().getTemplate())
        .isEqualTo(only(render(FULL), Deployment.class).getSpec().getTemplate());
  }

  /** Each of these is offered by charts of this kind; ours wins over what is given twice. */
  @Test
  void valuesThatAreMerged_haveTheirEffect() throws IOException {
    Path values =
        Files.writeString(
            folder.resolve("merged.yaml"),
            """
            global: {imageRegistry: registry.example.com/, imagePullSecrets: [all, {name: both}]}
            imagePullSecrets: [{name: both}, {name: own}]
            annotations: {a: b}
            commonLabels: {team: video, app.kubernetes.io/name: other}
            podLabels: {tier: web, app.kubernetes.io/name: other}
            podAnnotations: {checksum/config: x, a: b}
            config: {gateway: {page: {enabled: false}, cache: {maxSize: 9MB}}}
            securityContext: {runAsUser: 7, allowPrivilegeEscalation: true, privileged: true, readOnlyRootFilesystem: false, capabilities: {add: [NET_ADMIN]}}
            podSecurityContext: {supplementalGroups: [5], runAsNonRoot: false}
            strategy: {rollingUpdate: {maxUnavailable: 1, maxSurge: 0}}
            podSpec:
              dnsConfig: {options: [{name: ndots, value: "2"}]}
              hostAliases: [{ip: 10.0.0.1, hostnames: [a]}]
              initContainers: [{name: first, image: busybox}]
              automountServiceAccountToken: true
            extraContainers: [{name: side, image: busybox}]
            extraObjects: [{apiVersion: v1, kind: ConfigMap, metadata: {name: extra}, data: {a: "{{ b }}"}}]
            service: {spec: {loadBalancerSourceRanges: [10.0.0.0/8], type: NodePort}}
            httpRoute: {enabled: true, labels: {a: b}, parentRefs: [{name: public, sectionName: https}]}
            metrics:
              serviceMonitor: {enabled: true, endpoint: {scrapeTimeout: 9s, interval: 60s}}
              dashboard: {enabled: true, annotations: {folder: video}}
            """);

    List<HasMetadata> objects = render(values);

    Deployment deployment = only(objects, Deployment.class);
    assertThat(deployment.getMetadata().getAnnotations()).containsEntry("a", "b");
    assertThat(deployment.getMetadata().getLabels())
        .containsEntry("team", "video")
        .containsEntry("app.kubernetes.io/name", "video-query-gateway");
    assertThat(
            deployment.getSpec().getStrategy().getRollingUpdate().getMaxUnavailable().getIntVal())
        .isEqualTo(1);
    var template = deployment.getSpec().getTemplate();
    assertThat(template.getMetadata().getLabels())
        .containsOnlyKeys("app.kubernetes.io/name", "app.kubernetes.io/instance", "tier")
        .containsEntry("app.kubernetes.io/name", "video-query-gateway");
    assertThat(template.getMetadata().getAnnotations().get("checksum/config")).hasSize(64);
    PodSpec pod = template.getSpec();
    assertThat(pod.getImagePullSecrets())
        .extracting(secret -> secret.getName())
        .containsExactly("all", "both", "own");
    assertThat(pod.getAutomountServiceAccountToken()).isFalse();
    assertThat(pod.getDnsConfig().getOptions()).hasSize(1);
    assertThat(pod.getHostAliases()).hasSize(1);
    assertThat(pod.getInitContainers()).hasSize(1);
    assertThat(pod.getSecurityContext().getSupplementalGroups()).containsExactly(5L);
    assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
    assertThat(pod.getContainers())
        .extracting(Container::getName)
        .containsExactly("gateway", "side");
    Container gateway = pod.getContainers().getFirst();
    assertThat(gateway.getImage()).startsWith("registry.example.com/video-query-gateway:");
    assertThat(gateway.getSecurityContext().getRunAsUser()).isEqualTo(7);
    assertThat(gateway.getSecurityContext().getPrivileged()).isFalse();
    assertThat(gateway.getSecurityContext().getAllowPrivilegeEscalation()).isFalse();
    assertThat(gateway.getSecurityContext().getReadOnlyRootFilesystem()).isTrue();
    assertThat(gateway.getSecurityContext().getCapabilities().getDrop()).containsExactly("ALL");
    assertThat(all(objects, ConfigMap.class))
        .anySatisfy(map -> assertThat(map.getData()).containsEntry("a", "{{ b }}"))
        .anySatisfy(
            map ->
                assertThat(map.getData().get("application.yaml"))
                    .as("a false wins, too")
                    .contains("page:\n    enabled: false", "maxSize: 9MB", "finishedTtl: 12h"))
        .anySatisfy(
            map ->
                assertThat(map.getMetadata().getAnnotations())
                    .isEqualTo(Map.of("folder", "video")));
    Service service = all(objects, Service.class).getFirst();
    assertThat(service.getSpec().getLoadBalancerSourceRanges()).containsExactly("10.0.0.0/8");
    assertThat(service.getSpec().getType()).isEqualTo("ClusterIP");
    HTTPRoute route = only(objects, HTTPRoute.class);
    assertThat(route.getMetadata().getLabels()).containsEntry("a", "b");
    assertThat(route.getSpec().getParentRefs().getFirst().getKind()).isEqualTo("Gateway");
    assertThat(route.getSpec().getParentRefs().getFirst().getSectionName()).isEqualTo("https");
    var backend = route.getSpec().getRules().getFirst().getBackendRefs().getFirst();
    assertThat(List.of(backend.getGroup(), backend.getKind(), backend.getWeight()))
        .isEqualTo(List.of("", "Service", 1));
    var endpoint = only(objects, ServiceMonitor.class).getSpec().getEndpoints().getFirst();
    assertThat(endpoint.getScrapeTimeout()).isEqualTo("9s");
    assertThat(endpoint.getInterval()).isEqualTo("60s");
    assertThat(endpoint.getPort()).isEqualTo("management");
  }

  /** OpenShift gives each namespace its own ids. */
  @Test
  void ids_canBeLeftOut_andSecretsAreReadableThen() throws IOException {
    Path values =
        Files.writeString(
            folder.resolve("openshift.yaml"),
            "podSecurityContext: {runAsUser: null, runAsGroup: null, fsGroup: null}");

    PodSpec pod = only(render(values), Deployment.class).getSpec().getTemplate().getSpec();

    assertThat(pod.getSecurityContext().getRunAsUser()).isNull();
    assertThat(pod.getSecurityContext().getRunAsGroup()).isNull();
    assertThat(pod.getSecurityContext().getFsGroup()).isNull();
    assertThat(pod.getSecurityContext().getFsGroupChangePolicy()).isNull();
    assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
    assertThat(pod.getSecurityContext().getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
    assertThat(pod.getVolumes().stream().map(Volume::getSecret).filter(Objects::nonNull))
        .isNotEmpty()
        .allSatisfy(secret -> assertThat(secret.getDefaultMode()).isEqualTo(0444));
  }

  @Test
  void recreate_hasNoRollingUpdate_andAutoscalingLeavesReplicasOut() throws IOException {
    Path values =
        Files.writeString(
            folder.resolve("recreate.yaml"),
            "{strategy: {type: Recreate}, autoscaling: {enabled: true}}");

    Deployment deployment = only(render(values), Deployment.class);

    assertThat(deployment.getSpec().getStrategy().getRollingUpdate()).isNull();
    assertThat(deployment.getSpec().getReplicas()).isNull();
  }

  @Test
  void replicasOfARunningDeployment_areKept_whileItIsScaledAutomatically() throws IOException {
    Path values = Files.writeString(folder.resolve("scaled.yaml"), "autoscaling: {enabled: true}");
    Path live = withoutCluster(CHART, "dict \"spec\" (dict \"replicas\" 5)");

    assertThat(only(render(live, values), Deployment.class).getSpec().getReplicas()).isEqualTo(5);
    assertThat(only(render(live, null), Deployment.class).getSpec().getReplicas()).isEqualTo(2);
  }

  static Stream<String> keysOfTheValues() throws IOException {
    List<String> names = new ArrayList<>();
    keys("", new Yaml().load(Files.readString(CHART.resolve("values.yaml"))), names);
    return names.stream();
  }

  private static void keys(String prefix, Map<?, ?> values, List<String> names) {
    values.forEach(
        (key, value) -> {
          names.add(prefix + key);
          if (value instanceof Map<?, ?> map) {
            keys(prefix + key + ".", map, names);
          }
        });
  }

  /** With everything enabled, as a null matters only where its key is read. */
  @ParameterizedTest
  @MethodSource("keysOfTheValues")
  void keyThatIsNull_isRenderedOrRefusedWithWords(String key) throws IOException {
    String[] parts = key.split("\\.");
    String yaml = "{" + String.join(": {", parts) + ": null" + "}".repeat(parts.length);
    Path nothing = Files.writeString(folder.resolve("null.yaml"), yaml);
    var template =
        new Helm(withoutCluster(CHART, "dict"))
            .template()
            .withName("demo")
            .withNamespace("video")
            .withKubeVersion("1.31.0");
    template.withValuesFile(FULL).withValuesFile(nothing);

    try {
      assertThat(objects(template.call())).isNotEmpty();
    } catch (RuntimeException refused) {
      assertThat(refused)
          .as(key)
          .hasMessageMatching(
              "(?s).*(values don't meet the specifications|Set"
                  + " upstream\\.baseUrl|resources\\.requests\\.cpu|autoscaling\\.minReplicas).*");
    }
  }

  /** Legal values at the edges of their types. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "replicaCount: 0",
        "image: {repository: 'localhost:5000/a/b.c_d', tag: '1.0_x-Y'}",
        "podDisruptionBudget: {maxUnavailable: 100%}",
        "podDisruptionBudget: {maxUnavailable: 7}",
        "service: {port: 1, type: LoadBalancer, annotations: {a: '', 'b/c': ': # x'}}",
        "upstream: {baseUrl: 'http://[2001:db8::1]:8080/a'}",
        "upstream: {baseUrl: 'https://a', maxRate: 0.01, secretKey: 'with space'}",
        "upstream: {baseUrl: 'https://a', accounts: [{name: a, models: [], maxRate: 1e3,"
            + " compareIds: false}]}",
        "access: {mode: none, cors: {allowedOrigins: ['*']}, trustedProxies: ['fd00::/8']}",
        "access: {rateLimit: {perSecond: 0.5, burst: 1, hitCost: 0}}",
        "cache: {unfinishedTtl: 0s, maxSize: 1MB, redis: {enabled: true, keyPrefix: '{a}: '}}",
        "jvmOptions: '-Da=\"b c\" -Xlog:gc*:file=/tmp/gc.log'",
        "extraEnv: [{name: A, value: ''}, {name: B, value: '{{ x }}'}, {name: C, value: '1'}]",
        "resources: {}",
        "strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 25%, maxUnavailable: 0}}",
        "podAnnotations: {a: 'x\u2028y', b: \"line\\nline\"}",
        "tolerations: [{operator: Exists}]",
        "topologySpreadConstraints: [{maxSkew: 1, topologyKey: a, whenUnsatisfiable:"
            + " DoNotSchedule}]",
        "ingress: {enabled: true, hosts: [{host: '*.example.com', paths: [{path: '/a*: #',"
            + " pathType: Exact}]}]}",
        "httpRoute: {enabled: true, requestTimeout: '', parentRefs: [{name: a, port: 443}]}",
        "networkPolicy: {enabled: false}",
        "logging: {format: ''}",
        "tests: {enabled: false, image: 'a/b@sha256:0'}",
        "serviceAccount: {create: false}",
        "shutdown: {preStopSeconds: 1, drainSeconds: 1}",
        "tracing: {samplingProbability: 0, endpoint: 'http://a'}",
        "fullnameOverride: a",
        "config: {a: [1, [2, {b: null}]], c: {}, d: 1.50, e: '1.50', f: true, g: 0x1F, h:"
            + " 2026-01-01}",
      })
  void oddButLegalValues_areRendered(String yaml) throws IOException {
    Path values = Files.writeString(folder.resolve("legal.yaml"), yaml);

    assertThat(kinds(render(values))).contains("Deployment", "ConfigMap");
  }

  /** A line separator ends a line of YAML 1.1. */
  @Test
  void textsWithOddCharacters_reachTheApplication() throws IOException {
    Path values =
        Files.writeString(
            folder.resolve("separators.yaml"),
            "config: {a: \"x\\u2028y: z\", b: 'c: d # e', 'f: g': \"{{ h }}\\t\"}");

    Map<String, Object> settings =
        new Yaml()
            .load(
                all(render(values), ConfigMap.class).getFirst().getData().get("application.yaml"));

    assertThat(settings)
        .containsEntry("a", "x\u2028y: z")
        .containsEntry("b", "c: d # e")
        .containsEntry("f: g", "{{ h }}\t");
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
          boolean free =
              Set.of(
                      "resources",
                      "metrics.dashboard.labels",
                      "podSecurityContext",
                      "strategy",
                      "tests.resources")
                  .contains(name);
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

  /** Here there is no cluster in which a running Deployment could be looked up. */
  private static Path withoutCluster(Path chart, String found) throws IOException {
    Path copy =
        Files.createTempDirectory(Files.createDirectories(Path.of("target/charts")), "chart");
    FileSystemUtils.copyRecursively(chart, copy);
    Path deployment = copy.resolve("templates/deployment.yaml");
    Files.writeString(deployment, Files.readString(deployment).replace(LOOKUP, found));
    return copy;
  }

  private static List<HasMetadata> render(Path chart, @Nullable Path values) {
    return objects(rendering(chart, "demo", values));
  }

  /** With an address of the provider, unless the values have one. */
  private static String rendering(Path chart, String release, @Nullable Path values) {
    try {
      var template =
          new Helm(withoutCluster(chart, "dict"))
              .template()
              .withName(release)
              .withNamespace("video")
              .withKubeVersion("1.31.0");
      if (values != null) {
        template.withValuesFile(values);
      }
      if (values == null || !Files.readString(values).contains("baseUrl")) {
        template.set("upstream.baseUrl", "https://api.example.com");
      }
      return template.call();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<HasMetadata> objects(String rendering) {
    List<HasMetadata> objects = new ArrayList<>();
    for (Object document : new Yaml().loadAll(rendering)) {
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
