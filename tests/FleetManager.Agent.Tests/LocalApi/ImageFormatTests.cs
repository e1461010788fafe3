using System.Text;
using FleetManager.Agent.LocalApi;

namespace FleetManager.Agent.Tests.LocalApi;

public sealed class ImageFormatTests
{
    [Theory]
    [InlineData("FFD8FFE000104A46", true)] // JPEG
    [InlineData("89504E470D0A1A0A", true)] // PNG
    [InlineData("474946383961", true)] // GIF
    [InlineData("424D3600", true)] // BMP
    [InlineData("49492A00", true)] // TIFF, little-endian
    [InlineData("4D4D002A", true)] // TIFF, big-endian
    [InlineData("524946460000000057454250", true)] // WebP
    [InlineData("0000001C6674797068656963", true)] // HEIC
    [InlineData("0000001C6674797061766966", true)] // AVIF
    [InlineData("0000001C6674797069736F6D", false)] // MP4
    [InlineData("524946460000000057415645", false)] // WAVE
    [InlineData("25504446", false)] // PDF
    [InlineData("", false)]
    public void Image_ByItsFirstBytes_IsKnownOrNot(string hexadecimal, bool expected) =>
        Assert.Equal(expected, ImageFormat.IsKnown(Convert.FromHexString(hexadecimal)));

    [Fact]
    public void Text_IsNoImage() => Assert.False(ImageFormat.IsKnown(Encoding.UTF8.GetBytes("<svg xmlns='http://www.w3.org/2000/svg'/>")));
}
