using System.Buffers;
using CasFunctions.Digests;

namespace CasFunctions.Providers.Oci;

/// <summary>
/// One blob on its way into a repository: POST, one PATCH that is fed while the content arrives, PUT. The most portable of the
/// ways the specification offers: several registries take no second PATCH, no chunked encoding, or no body in the PUT.
/// </summary>
internal sealed class RegistryUpload : IAsyncDisposable
{
    /// <summary>How long a registry may take to close a large upload: some copy or hash the whole content then.</summary>
    public static readonly TimeSpan FinishTimeout = TimeSpan.FromSeconds(120);

    private static readonly TimeSpan AnswerPatience = TimeSpan.FromSeconds(5);

    private readonly OciRegistryClient _client;
    private readonly Sha256Digest _digest;
    private readonly long _size;
    private readonly bool _long;
    private readonly Func<Uri, CancellationToken, Task> _drop;
    private readonly CancellationTokenSource _dropped;
    private readonly PartsContent _body;
    private Uri _address;
    private Task? _sending;
    private bool _ended;

    private RegistryUpload(
        OciRegistryClient client,
        Uri address,
        Sha256Digest digest,
        long size,
        bool isLong,
        TimeProvider time,
        Func<Uri, CancellationToken, Task> drop)
    {
        _client = client;
        _address = address;
        _digest = digest;
        _size = size;
        _long = isLong;
        _drop = drop;
        _dropped = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        _body = new PartsContent(size, ProviderRetry.TotalBudget, time);
    }

    /// <summary>
    /// Opens an upload at the registry.
    /// </summary>
    /// <param name="client">The registry.</param>
    /// <param name="digest">What will be sent.</param>
    /// <param name="size">How much of it.</param>
    /// <param name="isLong">True when sending may outlive a token.</param>
    /// <param name="time">Clock of the time-outs.</param>
    /// <param name="drop">Tells the registry that an upload is over; never fails.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public static async Task<RegistryUpload> StartAsync(
        OciRegistryClient client,
        Sha256Digest digest,
        long size,
        bool isLong,
        TimeProvider time,
        Func<Uri, CancellationToken, Task> drop,
        CancellationToken cancellationToken) =>
        new(client, await client.StartUploadAsync(cancellationToken), digest, size, isLong, time, drop);

    /// <summary>The upload's latest address, by which it can be closed.</summary>
    public Uri Address => _address;

    /// <summary>Takes up an upload whose whole body the registry has, to close it.</summary>
    /// <param name="client">The registry.</param>
    /// <param name="address">The upload's latest address.</param>
    /// <param name="digest">What was sent.</param>
    /// <param name="size">How much of it.</param>
    /// <param name="time">Clock of the time-outs.</param>
    /// <param name="drop">Tells the registry that an upload is over; never fails.</param>
    public static RegistryUpload Reopen(
        OciRegistryClient client,
        Uri address,
        Sha256Digest digest,
        long size,
        TimeProvider time,
        Func<Uri, CancellationToken, Task> drop) =>
        new(client, address, digest, size, isLong: true, time, drop);

    /// <summary>Sends the next bytes and returns when the connection has taken them. A failure ends the upload.</summary>
    public async Task WriteAsync(ReadOnlySequence<byte> content, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _sending ??= SendAsync();
        using var registration = cancellationToken.UnsafeRegister(
            static state => ((CancellationTokenSource)state!).Cancel(), _dropped);
        try
        {
            await _body.WriteAsync(content);
        }
        catch (Exception e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await _sending;
            throw new ProviderException(ProviderErrorKind.Unexpected, "The registry took less than was sent.", e);
        }
    }

    /// <summary>Waits for the registry's answer to the body.</summary>
    public Task WaitAsync(CancellationToken cancellationToken) => (_sending ?? Task.CompletedTask).WaitAsync(cancellationToken);

    /// <summary>Makes the blob readable. May be repeated.</summary>
    public async Task FinishAsync(CancellationToken cancellationToken)
    {
        if (_ended)
        {
            return;
        }

        // Empty content needs no body.
        await WaitAsync(cancellationToken);
        try
        {
            await _client.FinishUploadAsync(_address, _digest, _long, _long ? FinishTimeout : ProviderRetry.TryTimeout, cancellationToken);
        }
        catch (ProviderException e) when (
            e.Kind is ProviderErrorKind.Unreachable or ProviderErrorKind.Unavailable or ProviderErrorKind.UploadLost
                or ProviderErrorKind.Misconfigured)
        {
            // The reply may have been lost; an upload that is done is unknown to the registry.
            if (await _client.HeadBlobAsync(_digest, RegistryRight.Push, cancellationToken) != _size)
            {
                throw;
            }
        }

        _ended = true;
    }

    /// <summary>Stops sending and drops what the registry has.</summary>
    public async Task DropAsync(CancellationToken cancellationToken)
    {
        if (_ended)
        {
            return;
        }

        _ended = true;

        // Where the registry has the whole body, its answer names the address under which the upload can be dropped. After a cut
        // body only the first address is known, which some registries then no longer take: they age such uploads out.
        _dropped.CancelAfter(_body.Complete ? AnswerPatience : TimeSpan.Zero);
        try
        {
            if (_sending is not null)
            {
                await _sending;
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ProviderException)
        {
            // Whoever wrote has been told; the upload is dropped at its first address.
        }

        await _drop(_address, cancellationToken);
    }

    /// <summary>Drops the upload unless it is finished.</summary>
    public async ValueTask DisposeAsync()
    {
        await DropAsync(CancellationToken.None);
        _body.Dispose();
        _dropped.Dispose();
    }

    private async Task SendAsync()
    {
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(_dropped.Token, _body.Stalled);
        try
        {
            _address = await _client.PatchUploadAsync(_address, _body, _long, linked.Token);
            _body.Close(new InvalidOperationException("More was written than the upload's size."));
        }
        catch (OperationCanceledException e) when (!_dropped.IsCancellationRequested)
        {
            var stalled = new ProviderException(ProviderErrorKind.Unreachable, "The registry stopped taking the content.", e);
            _body.Close(stalled);
            throw stalled;
        }
        catch (Exception e)
        {
            _body.Close(e);
            throw;
        }
    }
}
