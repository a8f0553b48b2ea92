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
    /// <remarks>
    /// Untold, so that the body is sent in chunks: the host of Azure Functions keeps a body whose length is told in memory until it has
    /// all of it.
    /// </remarks>
    protected override bool TryComputeLength(out long computed)
    {
        computed = length;
        return length == 0;
    }
}
