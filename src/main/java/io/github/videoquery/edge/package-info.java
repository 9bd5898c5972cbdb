/** What every exchange gets: a request id and safe headers. */
@NullMarked
package io.github.videoquery.edge;

import org.jspecify.annotations.NullMarked;
