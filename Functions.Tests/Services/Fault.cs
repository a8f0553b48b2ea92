using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace CasFunctions.Tests.Services;

/// <summary>What a <see cref="FaultProxy"/> does to a request in place of just forwarding it.</summary>
public sealed class Fault
{
    private readonly Func<HttpContext, FaultProxy, Task> _apply;

    private Fault(Func<HttpContext, FaultProxy, Task> apply) => _apply = apply;

    /// <summary>Closes the connection without forwarding anything: the service is down.</summary>
    public static Fault Cut { get; } = new((context, _) =>
    {
        context.Abort();
        return Task.CompletedTask;
    });

    /// <summary>Forwards nothing and never answers, until the client gives up.</summary>
    public static Fault Stall { get; } = new(async (context, _) =>
    {
        var clientLeft = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = context.RequestAborted.Register(clientLeft.SetResult);
        await clientLeft.Task;
    });

    /// <summary>Forwards the request, waits for the whole answer, then closes the connection: it was done, but nobody knows.</summary>
    public static Fault LoseReply { get; } = new(async (context, proxy) =>
    {
        // Not the client's token: the request must reach the service even when the client is impatient.
        using var answer = await proxy.ForwardAsync(context, context.Request.Body, CancellationToken.None);
        await answer.Content.LoadIntoBufferAsync();
        context.Abort();
    });

    /// <summary>Reads the request and answers with this status; nothing reaches the service.</summary>
    /// <param name="status">The HTTP status.</param>
    /// <param name="retryAfter">Given, sent as Retry-After in whole seconds.</param>
    public static Fault Answer(int status, TimeSpan? retryAfter = null) => new(async (context, _) =>
    {
        await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
        context.Response.StatusCode = status;
        if (retryAfter is { } delay)
        {
            context.Response.Headers.RetryAfter = delay.TotalSeconds.ToString("0", CultureInfo.InvariantCulture);
        }
    });

    /// <summary>Closes both connections when this many bytes of the request's body were forwarded.</summary>
    public static Fault CutRequestAfter(long bytes) => new(async (context, proxy) =>
    {
        await using var body = new CutStream(context.Request.Body, new Meter([bytes]));
        // The body fails on the way, and with it the request; the proxy then closes the client's connection.
        using var answer = await proxy.ForwardAsync(context, body, context.RequestAborted);
        context.Abort();
    });

    /// <summary>
    /// Counts the bytes of all bodies that it is applied to together, and closes both connections whenever the count reaches one of these.
    /// Requests between them go through.
    /// </summary>
    /// <param name="points">Counts of bytes, each above 0 and different from the others.</param>
    public static Fault CutRequestsAt(IEnumerable<long> points)
    {
        var meter = new Meter(points);
        return new(async (context, proxy) =>
        {
            await using var body = new CutStream(context.Request.Body, meter);
            using var answer = await proxy.ForwardAsync(context, body, context.RequestAborted);
            FaultProxy.CopyHead(answer, context.Response);
            await answer.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
        });
    }

    /// <summary>Forwards the request, waits for the whole answer and keeps it, until the client gives up: it was done, but nobody knows.</summary>
    /// <param name="done">Completes when it was done.</param>
    /// <param name="until">Given, closes the connection when this has ended.</param>
    public static Fault WithholdReply(TaskCompletionSource done, Task? until = null) => new(async (context, proxy) =>
    {
        using (var answer = await proxy.ForwardAsync(context, context.Request.Body, CancellationToken.None))
        {
            await answer.Content.LoadIntoBufferAsync();
        }

        done.TrySetResult();
        if (until is null)
        {
            await Stall._apply(context, proxy);
            return;
        }

        await until.WaitAsync(context.RequestAborted);
        context.Abort();
    });

    /// <summary>Forwards the request when a task has ended, and not before.</summary>
    public static Fault HoldUntil(Task released) => new(async (context, proxy) =>
    {
        await released.WaitAsync(context.RequestAborted);
        using var answer = await proxy.ForwardAsync(context, context.Request.Body, context.RequestAborted);
        FaultProxy.CopyHead(answer, context.Response);
        await answer.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
    });

    /// <summary>Closes the connection when this many bytes of the answer's body were sent.</summary>
    public static Fault CutResponseAfter(long bytes) => new(async (context, proxy) =>
    {
        using var answer = await proxy.ForwardAsync(context, context.Request.Body, context.RequestAborted);
        FaultProxy.CopyHead(answer, context.Response);
        await using var body = new CutStream(await answer.Content.ReadAsStreamAsync(context.RequestAborted), new Meter([bytes]));
        await body.CopyToAsync(context.Response.Body, context.RequestAborted);
    });

    /// <summary>Alters one byte of the answer's body on its way, when the body is that long.</summary>
    /// <param name="at">Which byte, from 0.</param>
    public static Fault AlterResponseAt(long at) => new(async (context, proxy) =>
    {
        using var answer = await proxy.ForwardAsync(context, context.Request.Body, context.RequestAborted);
        FaultProxy.CopyHead(answer, context.Response);
        await using var body = await answer.Content.ReadAsStreamAsync(context.RequestAborted);
        var buffer = new byte[64 * 1024];
        int count;
        for (var done = 0L; (count = await body.ReadAsync(buffer, context.RequestAborted)) > 0; done += count)
        {
            if (at >= done && at < done + count)
            {
                buffer[at - done] ^= 0x40;
            }

            await context.Response.Body.WriteAsync(buffer.AsMemory(0, count), context.RequestAborted);
        }
    });

    internal Task ApplyAsync(HttpContext context, FaultProxy proxy) => _apply(context, proxy);

    /// <summary>Counts bytes, of one body or of many one after the other, and says where they are cut.</summary>
    private sealed class Meter(IEnumerable<long> points)
    {
        private readonly Queue<long> _points = new(points.Order());
        private readonly Lock _gate = new();
        private long _count;

        /// <summary>Says how many of these bytes come before the next cut; 0 when it is here, and then it is over.</summary>
        public int Allow(int bytes)
        {
            lock (_gate)
            {
                if (!_points.TryPeek(out var next))
                {
                    return bytes;
                }

                if (next == _count)
                {
                    _points.Dequeue();
                }

                return (int)Math.Min(bytes, next - _count);
            }
        }

        /// <summary>Counts bytes that went through.</summary>
        public void Count(int bytes)
        {
            lock (_gate)
            {
                _count += bytes;
            }
        }
    }

    /// <summary>Lets bytes through up to the next cut and then fails.</summary>
    private sealed class CutStream(Stream inner, Meter meter) : Stream
    {

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var allowed = meter.Allow(buffer.Length);
            if (allowed == 0)
            {
                throw new EndOfStreamException("The fault cut this body.");
            }

            var read = await inner.ReadAsync(buffer[..allowed], cancellationToken);
            meter.Count(read);
            return read;
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
