/** What a task and an answer <em>are</em>: the words the other packages speak. */
@NullMarked
package io.github.videoquery.task;

import org.jspecify.annotations.NullMarked;
