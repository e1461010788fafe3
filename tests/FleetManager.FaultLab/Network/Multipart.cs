using System.Text;

namespace FleetManager.FaultLab.Network;

/// <summary>Reads the one file of an upload.</summary>
internal static class Multipart
{
    private static readonly byte[] s_blank = "\r\n\r\n"u8.ToArray();

    public static ReadOnlySpan<byte> Content(Flight flight)
    {
        var boundary = flight.ContentType!.Split("boundary=")[1].Trim('"');
        ReadOnlySpan<byte> body = flight.Body;
        var from = body.IndexOf(s_blank) + s_blank.Length;
        var through = body.LastIndexOf(Encoding.ASCII.GetBytes($"\r\n--{boundary}--"));
        return body[from..through];
    }
}
