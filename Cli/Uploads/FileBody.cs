using System.Net;
using CasFunctions.Cli.Transfers;

namespace CasFunctions.Cli.Uploads;

/// <summary>A part of a file as a request's body. It is read ahead while it is sent.</summary>
internal sealed class FileBody(ContentFile file, long offset, long length, Action<long> sent) : HttpContent
{
    /// <inheritdoc/>
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    /// <inheritdoc/>
    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var count = await ReadAhead.ReadAsync(
            file.Handle,
            offset,
            length,
            async piece =>
            {
                await stream.WriteAsync(piece, cancellationToken);
                sent(piece.Length);
            },
            cancellationToken);
        if (count != length)
        {
            throw ContentFile.Changed();
        }
    }

    /// <inheritdoc/>
    protected override bool TryComputeLength(out long computed)
    {
        computed = length;
        return true;
    }
}
