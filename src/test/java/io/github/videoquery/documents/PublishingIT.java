package io.github.videoquery.documents;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.DockerClient;
import com.marcnuri.helm.Helm;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.junit.jupiter.Container;
import org.testcontainers.junit.jupiter.Testcontainers;
import org.testcontainers.utility.DockerImageName;

/** The commands of docs/publishing.md, by the libraries behind docker and helm. */
@Testcontainers(disabledWithoutDocker = true)
class PublishingIT {
  private static final String IMAGE = "registry:2";

  @Container
  private static final GenericContainer<?> REGISTRY =
      new GenericContainer<>(DockerImageName.parse(IMAGE))
          .withExposedPorts(5000)
          .waitingFor(Wait.forHttp("/v2/").forStatusCode(200));

  @TempDir Path folder;

  @Test
  void imageAndChart_arePushed_andInstalledByDigest() throws Exception {
    String version = System.getProperty("packaged.version");
    String registry = "localhost:" + REGISTRY.getMappedPort(5000);
    String document = Files.readString(Path.of("docs/publishing.md"));
    assertThat(commands(document))
        .contains(
            "docker push REGISTRY/video-query-gateway:" + version,
            "helm package helm",
            "helm push video-query-gateway-" + version + ".tgz oci://REGISTRY/charts");

    String repository = registry + "/video-query-gateway";
    DockerClient docker = DockerClientFactory.instance().client();
    docker.tagImageCmd(IMAGE, repository, version).exec(); // any image: ImageIT builds ours
    assertThat(
            docker
                .pushImageCmd(repository)
                .withTag(version)
                .start()
                .awaitCompletion(60, TimeUnit.SECONDS))
        .isTrue();
    String digest = digest(registry, version);
    docker.pullImageCmd(repository + "@" + digest).start().awaitCompletion(60, TimeUnit.SECONDS);

    new Helm(Path.of("helm")).packageIt().withDestination(folder).call();
    Helm.push()
        .withChart(folder.resolve("video-query-gateway-" + version + ".tgz"))
        .withRemote(URI.create("oci://" + registry + "/charts"))
        .plainHttp()
        .call();
    String rendering =
        Helm.template("oci://" + registry + "/charts/video-query-gateway")
            .withName("demo")
            .withVersion(version)
            .withNamespace("video")
            .withKubeVersion("1.31.0")
            .plainHttp()
            .set("image.repository", repository)
            .set("image.digest", digest)
            .set("upstream.baseUrl", "https://api.example.com")
            .call();

    assertThat(rendering).contains("image: " + repository + "@" + digest);
  }

  private static List<String> commands(String document) {
    return Pattern.compile("^```sh\n(.*?)^```", Pattern.DOTALL | Pattern.MULTILINE)
        .matcher(document)
        .results()
        .flatMap(block -> block.group(1).lines())
        .toList();
  }

  private static String digest(String registry, String version) throws Exception {
    HttpResponse<Void> manifest =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(
                        URI.create(
                            "http://" + registry + "/v2/video-query-gateway/manifests/" + version))
                    .header(
                        "Accept",
                        "application/vnd.docker.distribution.manifest.v2+json,"
                            + " application/vnd.oci.image.manifest.v1+json")
                    .build(),
                HttpResponse.BodyHandlers.discarding());
    return manifest.headers().firstValue("Docker-Content-Digest").orElseThrow();
  }
}
