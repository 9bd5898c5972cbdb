package io.github.videoquery.problem;

/**
 * Ends the handling of a request with a problem. It carries no stack trace: it is an answer, not a
 * defect.
 */
public final class ProblemException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Problem problem;

  public ProblemException(Problem problem) {
    super(problem.code().code(), null, false, false);
    this.problem = problem;
  }

  public ProblemException(ProblemCode code, String detail) {
    this(Problem.of(code, detail));
  }

  public ProblemException(ProblemCode code) {
    this(Problem.of(code));
  }

  public Problem problem() {
    return problem;
  }
}
