using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace FleetManager.Server.Features.Events.Pages;

/// <summary>
/// An image with its predictions drawn over it. The drawing is measured in pixels of the annotated image, so it fits the output image
/// too, whatever that one's size is. The browser tells the size: the server keeps no sizes of images.
/// </summary>
public sealed partial class EventPictureView
{
    private bool _showInput;
    private bool _drawn;
    private bool _missing;
    private Size? _size;
    private EventPicture? _shown;

    [Inject] private IJSRuntime Js { get; set; } = default!;

    [Parameter, EditorRequired] public required EventPicture Picture { get; set; }

    private PictureUrls? Shown => _showInput ? Picture.Input : Picture.Output;

    private bool HasPredictions => Picture.Overlay.Shapes.Count > 0;

    private string Alt => (_showInput ? "Input image" : "Output image") + (Picture.Label is null ? "" : $", {Picture.Label}");

    // Labels keep the same look on a small and on a large image.
    private double TextSize => _size is { } size ? Math.Max(size.Width, size.Height) / 45 : 0;

    protected override void OnParametersSet()
    {
        if (_shown != Picture)
        {
            Show(Picture.Input is not null);
        }
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_shown == Picture)
        {
            return;
        }

        _shown = Picture;
        var asked = Picture;
        var size = await Js.InvokeAsync<Size?>("fleet.sizeOf", asked.AnnotatedUrl);
        if (asked == Picture)
        {
            _size = size;
            _missing = size is null;
            StateHasChanged();
        }
    }

    // An output image that goes with an input usually has the predictions painted in already.
    private void Show(bool input)
    {
        _showInput = input;
        _drawn = input || Picture.Input is null;
    }

    private MarkupString LabelOf(OverlayShape shape)
    {
        var size = TextSize;
        var width = (shape.Label.Length * size * 0.58) + (size * 0.5);
        var top = Math.Max(0, shape.Top - (size * 1.35));
        var encoded = System.Net.WebUtility.HtmlEncode(shape.Label);
        return new MarkupString(
            Invariant($"<rect class=\"f-plate\" x=\"{shape.Left}\" y=\"{top}\" width=\"{width}\" height=\"{size * 1.35}\" />")
            + Invariant($"<text x=\"{shape.Left + (size * 0.25)}\" y=\"{top + size}\" font-size=\"{size}\">{encoded}</text>"));
    }

    private static string N(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);

    internal sealed record Size(double Width, double Height);
}
