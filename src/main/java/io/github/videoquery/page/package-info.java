/** The page for people, and the examples that it offers. */
@NullMarked
package io.github.videoquery.page;

import org.jspecify.annotations.NullMarked;
