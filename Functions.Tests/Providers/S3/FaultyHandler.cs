using System.Net;

namespace CasFunctions.Tests.Providers.S3;

/// <summary>Counts requests, and cuts the connection once after the store has acted.</summary>
internal sealed class FaultyHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private int _now;

    public Predicate<HttpRequestMessage> LoseReplyTo { get; set; } = _ => false;

    public int LostReplies { get; private set; }

    public int MostAtOnce { get; private set; }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        MostAtOnce = Math.Max(MostAtOnce, Interlocked.Increment(ref _now));
        try
        {
            var answer = await base.SendAsync(request, cancellationToken);
            if (!LoseReplyTo(request))
            {
                return answer;
            }

            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            await answer.Content.ReadAsByteArrayAsync(cancellationToken);
            answer.Dispose();
            LoseReplyTo = _ => false;
            LostReplies++;
            throw new HttpRequestException(HttpRequestError.ResponseEnded, "The connection was cut.");
        }
        finally
        {
            Interlocked.Decrement(ref _now);
        }
    }
}
