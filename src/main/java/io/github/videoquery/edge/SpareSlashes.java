package io.github.videoquery.edge;

import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Request;

/**
 * Takes empty segments out of the path of queries: a client's base address may end in a slash, and
 * {@code //v1/video/query} is meant as the path itself. It runs before Jetty looks at the path,
 * which refuses empty segments elsewhere.
 */
final class SpareSlashes implements HttpConfiguration.Customizer {
  private static final Pattern SLASHES = Pattern.compile("/{2,}");

  private final String route;

  SpareSlashes(String route) {
    this.route = route;
  }

  @Override
  public Request customize(Request request, HttpFields.Mutable responseFields) {
    HttpURI uri = request.getHttpURI();
    String path = uri.getPath();
    return path == null || !isMeant(path)
        ? request
        : Request.serveAs(request, HttpURI.build(uri).path(route).asImmutable());
  }

  private boolean isMeant(String path) {
    if (path.equals(route) || !(path.endsWith("/") || path.contains("//"))) {
      return false;
    }
    String plain = SLASHES.matcher(path).replaceAll("/");
    return plain.equals(route) || plain.equals(route + '/');
  }
}
