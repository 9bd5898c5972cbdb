/** The types for tasks, queries and replies that all other packages use. */
@NullMarked
package io.github.videoquery.task;

import org.jspecify.annotations.NullMarked;
