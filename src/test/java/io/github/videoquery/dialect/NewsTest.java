package io.github.videoquery.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.task.TaskReply.Known;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NewsTest {
  private static final ReplyClassifier CLASSIFIER = new ReplyClassifier(Dialect.STANDARD);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'id':'a','status':'queued'}|{'id':'a','status':'drawing'}",
        "{'id':'a','task_status':1}|{'id':'a','task_status':2}",
        "{'id':'a','status':'x','detail':{'status':'b'}}|{'id':'a','status':'x','detail':{'status':'c'}}",
        "{'id':'a','status':'x','progress':1}|{'id':'a','status':'x','progress':2}",
        "{'id':'a','status':'x','progress':'1%'}|{'id':'a','status':'x','progress':'2%'}",
        "{'id':'a','status':'x'}|{'id':'a','status':'x','progress':0}",
        "{'id':'a','status':'x','detail':{'progress':1}}|{'id':'a','status':'x','detail':{'progress':2}}",
        "{'data':{'id':'a','status':'x'},'progress':1}|{'data':{'id':'a','status':'x'},'progress':2}",
        "{'id':'a','progress':1}|{'id':'a','progress':2}",
        "{'data':{'id':'a','status':'SUBMITTED'}}|{'data':{'id':'a','status':'IN_PROGRESS'}}",
        "{'id':'a','status':'x'}|{'id':'a','status':'x','video_url':'https://a/b.mp4'}",
        "{'id':'a','status':'failed','running':true}|{'id':'a','status':'failed','running':false}",
        "{'id':'a','status':'x','video_url':'https://a/b'}|{'id':'a','status':'x','video_url':'https://a/c'}",
        "{'id':'a','status':'completed','video_url':'https://a/b?sig=1'}|{'id':'a','status':'completed','video_url':'https://a/b?sig=2'}",
      })
  void changeOfStateStageProgressOrLink_isNews(String before, String after) {
    assertThat(news(before)).isNotEqualTo(news(after));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'id':'a','status':'x','request_id':'1'}|{'id':'a','status':'x','request_id':'2'}",
        "{'id':'a','status':'x','server_time':1}|{'id':'a','status':'x','server_time':2}",
        "{'id':'a','status':'x','status_update_time':1770350082099}|{'id':'a','status':'x','status_update_time':1770350329098}",
        "{'id':'a','status':'x','detail':{'retry_count':1}}|{'id':'a','status':'x','detail':{'retry_count':2}}",
        "{'id':'a','status':'x'}|{'status':'x', 'id':'a'}",
        "{'id':'a','status':'x','video_url':'https://a/b?sig=1'}|{'id':'a','status':'x','video_url':'https://a/b?sig=2'}",
        "{'request_id':'1','data':{'id':'a','status':'x'}}|{'request_id':'2','data':{'id':'a','status':'x'}}",
      })
  void anythingElse_isNone(String before, String after) {
    assertThat(news(before)).isEqualTo(news(after));
  }

  private static String news(String json) {
    byte[] body = json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    var reply = CLASSIFIER.classify(new ProviderResponse(200, body, null, null), null).reply();
    assertThat(reply).isInstanceOf(Known.class);
    return ((Known) reply).body().news();
  }
}
