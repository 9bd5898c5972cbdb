package io.github.videoquery.problem;

import java.util.List;
import org.eclipse.jetty.http.HttpField;

/**
 * What the answers bear to requests that Jetty refuses by itself, since it cannot read them: 400,
 * 414, 431. Jetty hands on none of their header fields.
 */
public record UnreadRequests(List<HttpField> fields) {}
