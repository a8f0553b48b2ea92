using System.Threading.Channels;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace CasFunctions.Tests.Hosting;

/// <summary>What a function reports while its request is open.</summary>
internal sealed class Reports
{
    private readonly Channel<string> _reports = Channel.CreateUnbounded<string>();

    public void Add(string report) => _reports.Writer.TryWrite(report);

    /// <summary>The next report, within ten seconds.</summary>
    public Task<string> NextAsync() => _reports.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask()
        .WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
}

/// <summary>Functions that look at their invocation.</summary>
internal sealed class InvocationFunctions(Reports reports) : IDisposable
{
    [Function("context")]
    public IResult Context([HttpTrigger("get", Route = "context/{id}")] HttpRequest request, FunctionContext context, CancellationToken token) =>
        Results.Text(string.Join(
            '|',
            context.FunctionDefinition.Name,
            context.FunctionDefinition.EntryPoint,
            context.FunctionDefinition.InputBindings["request"].Type,
            context.BindingContext.BindingData["id"],
            context.TraceContext.TraceParent.Split('-')[1],
            ReferenceEquals(context.GetHttpContext(), request.HttpContext),
            context.CancellationToken == token,
            token == request.HttpContext.RequestAborted));

    [Function("wait")]
    public async Task<IResult> WaitAsync([HttpTrigger("get")] HttpRequest request, CancellationToken token)
    {
        reports.Add("started");
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
            return Results.Ok();
        }
        finally
        {
            reports.Add(token.IsCancellationRequested ? "cancelled" : "ended");
        }
    }

    [Function("read")]
    public async Task<IResult> ReadAsync([HttpTrigger("put")] HttpRequest request, CancellationToken token)
    {
        var buffer = new byte[64];
        var total = 0;
        try
        {
            for (var read = 1; read > 0; total += read)
            {
                read = await request.Body.ReadAsync(buffer, token);
                reports.Add("read");
            }

            return Results.Text($"{total}");
        }
        catch (Exception e) when (e is BadHttpRequestException or OperationCanceledException)
        {
            // A lost connection fails the read and cancels the token; either may come first.
            reports.Add("failed");
            throw;
        }
    }

    public void Dispose() => reports.Add("disposed");
}
