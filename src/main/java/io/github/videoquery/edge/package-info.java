/** What every exchange gets: a request id, safe headers, and a line in the access log. */
@NullMarked
package io.github.videoquery.edge;

import org.jspecify.annotations.NullMarked;
